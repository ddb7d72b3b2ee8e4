"""The HTTP side of a running server: health, figures, headers, signing in, and TLS."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from yarl import URL

from dispatch.bootstrap import Node
from dispatch.identity import Role
from dispatch.storage import ServerUrls
from dispatch.transport.http import serve_map
from tests.fixtures_node import node_settings, scripted_transcription

pytestmark = pytest.mark.integration


async def test_a_node_that_can_journal_is_ready_and_says_how_each_part_is(node: Node) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{node.url}/health/ready") as answer:
        report = await answer.json()
    assert answer.status == 200
    assert report["ready"] is True
    assert {part["name"] for part in report["parts"]} == {"journal", "database", "broker", "transcription", "router"}


async def test_a_disk_that_refuses_makes_the_node_unready_with_a_reason(node: Node) -> None:
    node.disk.failing_since = 1.0
    async with aiohttp.ClientSession() as http, http.get(f"{node.url}/health/ready") as answer:
        report = await answer.json()
    assert answer.status == 503
    assert "disk" in next(part["message"] for part in report["parts"] if part["name"] == "journal").lower()


async def test_every_answer_carries_security_headers_and_the_correlation_id_that_was_sent(node: Node) -> None:
    headers = {"X-Correlation-ID": "abcdef0123456789"}
    async with aiohttp.ClientSession() as http, http.get(f"{node.url}/nowhere", headers=headers) as answer:
        problem = await answer.json(content_type="application/problem+json")
    assert (answer.status, problem["code"]) == (404, "not_found")
    assert answer.headers["X-Correlation-ID"] == "abcdef0123456789"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_prometheus_gets_the_figures(node: Node) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{node.url}/metrics") as answer:
        text = await answer.text()
    assert "kiwimesh_calls_started_total" in text


async def test_signing_in_keeps_the_refresh_token_from_scripts_and_refreshes_the_session(node: Node) -> None:
    assert node.demo_world is not None
    login = node.demo_world.login(Role.OPERATOR)
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as http:
        body = {"email": login.email, "password": login.password}
        async with http.post(f"{node.url}/v1/auth/sign-in", json=body) as answer:
            session = await answer.json()
            cookie = answer.headers["Set-Cookie"]
        async with http.post(f"{node.url}/v1/auth/refresh") as answer:
            again = await answer.json()
    assert session["me"]["roles"] == ["operator"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "refresh_token" not in session
    assert again["me"] == session["me"]


async def test_a_wrong_password_and_an_unknown_email_are_told_the_same(node: Node) -> None:
    assert node.demo_world is not None
    answers = []
    async with aiohttp.ClientSession() as http:
        for email in (node.demo_world.login(Role.OPERATOR).email, "nobody@demo.example"):
            body = {"email": email, "password": "wrong"}
            async with http.post(f"{node.url}/v1/auth/sign-in", json=body) as answer:
                answers.append((answer.status, await answer.json(content_type=None)))
    assert answers[0] == answers[1]
    assert (answers[0][0], answers[0][1]["code"]) == (401, "sign_in_failed")


async def test_the_demonstration_has_streets_and_nothing_beside_them_is_served(node: Node) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{node.url}/map/style.json") as answer:
            style = await answer.json()
        for source in style["sources"].values():
            async with http.get(f"{node.url}/map/{source['data']}") as answer:
                assert (await answer.json(content_type=None))["features"]
        async with http.get(URL(f"{node.url}/map/..%2fdemo.yaml", encoded=True)) as answer:
            assert answer.status in (403, 404)


async def test_a_map_folder_without_a_style_is_a_map_without_streets(tmp_path: Path) -> None:
    app = web.Application()
    serve_map(app, tmp_path / "gone")
    async with TestClient(TestServer(app)) as client, client.get("/map/style.json") as answer:
        assert (await answer.json())["layers"] == []


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key, as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption()))
    return files


async def test_two_settings_turn_on_tls(servers: ServerUrls, tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    settings = node_settings(servers, tmp_path / "data", tls_certificate=certificate, tls_key=key)
    node = Node(settings, demo=True, transcription=scripted_transcription())
    await node.start()
    try:
        trusted = ssl.create_default_context(cafile=certificate)
        async with aiohttp.ClientSession() as http, http.get(f"{node.url}/health/live", ssl=trusted) as answer:
            assert answer.status == 200
        assert node.url.startswith("https://")
    finally:
        await node.stop()

"""What every adapter of a port does, whether it writes down or speaks over the wire; and what the wire can do to it."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from dispatch.observability.clock import VirtualClock
from dispatch.observability.logs import correlated
from dispatch.observability.supervision import TaskSupervisor
from dispatch.providers.errors import AddressGone, ProviderAway, ProviderBusy, ProviderDenied, ProviderRefused
from dispatch.providers.files import FileKey, FolderFiles, S3Place
from dispatch.providers.files.s3 import UNSIGNED, sign
from dispatch.providers.messaging import Channel, TextMessage
from dispatch.providers.payments import Charge
from dispatch.providers.pharmacy import Order, OrderLine
from dispatch.providers.push import PushMessage
from dispatch.providers.wire import judged

from .conftest import Ports
from .servers import HANG, ProviderServer

pytestmark = pytest.mark.contract

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
CHARGE = Charge("key-1", "pay-1", 4200, "eur")
PUSH = PushMessage("token-of-a-phone", "Title", "Text", "event-1", {"event": "e1"}, urgent=True)
TEXT = TextMessage("+447700900101", "Open Kiwimesh.", "event-1")
ORDER = Order("order-1", "order-1", (OrderLine("paracetamol-500", 2),))
FILE = FileKey("hospital", "h1", "reports/r1.csv")


async def test_money_is_taken_once_however_often_it_is_asked_for(ports: Ports) -> None:
    first, again = await ports.payments.charge(CHARGE), await ports.payments.charge(CHARGE)
    assert first == again
    assert first.paid
    assert ports.counted("payments") == 1


async def test_the_books_say_what_was_paid_and_given_back(ports: Ports) -> None:
    charged = [await ports.payments.charge(Charge(f"k{n}", f"pay-{n}", 100 * n, "eur")) for n in (1, 2, 3)]
    for _ in range(2):
        await ports.payments.refund(charged[2].reference, 50, "refund-1")
    books = {one.payment_id: one async for one in ports.payments.settled(LONG_AGO)}
    assert [(books[f"pay-{n}"].paid_minor, books[f"pay-{n}"].refunded_minor) for n in (1, 2, 3)] == [
        (100, 0), (200, 0), (300, 50),
    ]  # fmt: skip
    assert books["pay-3"].reference == charged[2].reference


async def test_more_than_was_paid_is_not_given_back(ports: Ports) -> None:
    charged = await ports.payments.charge(CHARGE)
    with pytest.raises(ProviderRefused):
        await ports.payments.refund(charged.reference, 4201, "refund-1")


async def test_an_amount_of_nothing_is_refused(ports: Ports) -> None:
    with pytest.raises(ProviderRefused):
        await ports.payments.charge(Charge("key-0", "pay-0", 0, "eur"))


@pytest.mark.parametrize("channel", list(Channel))
async def test_a_text_is_sent_and_has_an_id(ports: Ports, channel: Channel) -> None:
    assert await ports.messaging.send(TextMessage(TEXT.to, TEXT.text, TEXT.key, channel))
    assert ports.counted("messaging") == 1


async def test_a_push_is_sent_and_has_an_id(ports: Ports) -> None:
    assert await ports.push.send(PUSH)
    assert ports.counted("push") == 1


async def test_a_token_that_is_nobodys_says_so(ports: Ports, server: ProviderServer) -> None:
    server.gone.add("gone-token")
    with pytest.raises(AddressGone):
        await ports.push.send(PushMessage("gone-token", "Title", "Text", "event-1"))


async def test_an_order_is_placed_once_and_can_be_cancelled(ports: Ports) -> None:
    reference = await ports.pharmacy.place(ORDER)
    assert await ports.pharmacy.place(ORDER) == reference
    assert ports.counted("pharmacy") == 1
    await ports.pharmacy.cancel(reference, "cancel-1")


async def test_a_file_is_kept_read_and_deleted(ports: Ports) -> None:
    await ports.files.put(FILE, b"a;b\n1;2\n", "text/csv")
    assert await ports.files.get(FILE) == b"a;b\n1;2\n"
    for _ in range(2):
        await ports.files.delete(FILE)
    with pytest.raises(AddressGone):
        await ports.files.get(FILE)


async def test_a_client_uploads_by_itself_with_a_signed_address_and_only_with_that(ports: Ports) -> None:
    signed = ports.files.presign(FILE, "text/csv")
    async with httpx.AsyncClient() as client:
        assert (await client.put(signed.url, content=b"up", headers=dict(signed.headers))).is_success
        foreign = await client.put(signed.url.replace("h1", "h2"), content=b"up", headers=dict(signed.headers))
        other = await client.put(signed.url, content=b"<html>", headers={"Content-Type": "text/html"})
    assert (foreign.status_code, other.status_code) == (403, 403)
    assert await ports.files.get(FILE) == b"up"


@pytest.mark.parametrize("name", ["../secret", "a//b", "", "x/../../y", "a b"])
def test_a_files_key_never_leads_out_of_its_tenant(name: str) -> None:
    with pytest.raises(ProviderRefused):
        FileKey("hospital", "h1", name)


@pytest.mark.parametrize("status", [500, 503, HANG])
@pytest.mark.parametrize("port", ["payments", "messaging", "push", "pharmacy", "files"])
async def test_a_provider_in_trouble_is_asked_again_later_and_does_it_once(
    real: Ports, server: ProviderServer, port: str, status: int
) -> None:
    server.failures.append(status)
    with pytest.raises(ProviderAway) as failure:
        await ask(real, port)
    assert failure.value.retryable
    await ask(real, port)
    if port != "files":
        assert real.counted(port) == 1


async def test_a_provider_that_does_not_answer_holds_up_one_at_a_time_until_it_does(
    real: Ports, server: ProviderServer
) -> None:
    server.failures.extend([HANG, HANG])
    with pytest.raises(ProviderAway):
        await ask(real, "pharmacy")
    async with TaskSupervisor() as tasks:
        waiting = tasks.start("waiting", ask(real, "pharmacy"))
        while len(server.asked) < 2:  # noqa: ASYNC110 - until it has been asked
            await asyncio.sleep(0.01)
        for _ in range(20):
            with pytest.raises(ProviderAway):
                await ask(real, "pharmacy")
        with pytest.raises(ProviderAway):
            await waiting
    assert len(server.asked) == 2
    await ask(real, "pharmacy")
    await asyncio.gather(*(ask(real, "pharmacy") for _ in range(5)))
    assert len(server.asked) == 8


@pytest.mark.parametrize("port", ["payments", "messaging", "push", "pharmacy", "files"])
async def test_a_provider_that_is_asked_too_often_says_when_to_come_back(
    real: Ports, server: ProviderServer, port: str
) -> None:
    server.failures.append(429)
    with pytest.raises(ProviderBusy) as failure:
        await ask(real, port)
    assert failure.value.retry_after_s == 7


@pytest.mark.parametrize("port", ["payments", "messaging", "push", "pharmacy", "files"])
async def test_a_key_that_the_provider_does_not_take_is_no_refusal_of_what_was_asked(
    real: Ports, server: ProviderServer, port: str
) -> None:
    server.failures.extend([403] * 2)
    with pytest.raises(ProviderDenied) as failure:
        await ask(real, port)
    assert failure.value.retryable


@pytest.mark.parametrize("port", ["payments", "messaging", "push", "pharmacy"])
async def test_a_page_that_says_back_soon_is_no_answer(real: Ports, server: ProviderServer, port: str) -> None:
    server.failures.append(200)
    with pytest.raises(ProviderAway):
        await ask(real, port)


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("7", 7),
        ("999999999999", 3600),
        ("Sun, 22 Nov 2026 10:02:30 GMT", 150),
        ("Sun, 22 Nov 2026 09:00:00 GMT", 0),
        ("Mon, 23 Nov 2026 10:00:00 GMT", 3600),
        ("-5", 0),
        ("soon", 0),
        ("", 0),
    ],
)
def test_a_provider_that_is_away_says_when_to_come_back(asked: str, seconds: float) -> None:
    headers = {"Retry-After": asked, "Date": "Sun, 22 Nov 2026 10:00:00 GMT"}
    with pytest.raises(ProviderAway) as failure:
        judged(httpx.Response(503, headers=headers))
    assert failure.value.retry_after_s == seconds


async def ask(ports: Ports, port: str) -> None:
    """One deed of a port."""
    if port == "payments":
        await ports.payments.charge(CHARGE)
    elif port == "messaging":
        await ports.messaging.send(TEXT)
    elif port == "push":
        await ports.push.send(PUSH)
    elif port == "pharmacy":
        await ports.pharmacy.place(ORDER)
    else:
        await ports.files.put(FILE, b"x", "text/csv")


async def test_a_number_that_takes_no_texts_says_so(real: Ports, server: ProviderServer) -> None:
    server.gone.add(TEXT.to)
    with pytest.raises(AddressGone) as failure:
        await real.messaging.send(TEXT)
    assert TEXT.to not in str(failure.value)


async def test_an_access_token_that_google_withdrew_is_fetched_anew(real: Ports, server: ProviderServer) -> None:
    await real.push.send(PUSH)
    server.tokens.clear()
    await real.push.send(PUSH)
    assert [path for path, _ in server.asked].count("/oauth/token") == 2


async def test_whatsapp_and_sms_differ_on_the_wire(real: Ports, server: ProviderServer) -> None:
    await real.messaging.send(TextMessage(TEXT.to, TEXT.text, "k", Channel.WHATSAPP))
    await real.messaging.send(TEXT)
    assert [text["To"] for text in server.texts] == [f"whatsapp:{TEXT.to}", TEXT.to]


async def test_the_correlation_id_travels_to_the_provider(real: Ports, server: ProviderServer) -> None:
    with correlated("asked-1"):
        await real.payments.charge(CHARGE)
    assert server.asked[-1][1]["X-Correlation-ID"] == "asked-1"


async def test_an_upload_that_comes_too_late_is_refused(tmp_path: object) -> None:
    clock = VirtualClock()
    files = FolderFiles(tmp_path, "secret", clock)  # type: ignore[arg-type]
    signed = files.presign(FILE, "text/csv", good_for_s=60)
    await clock.advance(61)
    with pytest.raises(ProviderRefused):
        await files.accept(signed.url, "text/csv", b"late")


AWS = S3Place(
    "https://examplebucket.s3.amazonaws.com", "", "us-east-1", "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
)  # fmt: skip
AWS_AT = datetime(2013, 5, 24, tzinfo=UTC)


def test_a_request_is_signed_as_in_the_example_of_aws() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    headers = {
        "Host": "examplebucket.s3.amazonaws.com", "Range": "bytes=0-9", "x-amz-content-sha256": empty,
        "x-amz-date": "20130524T000000Z",
    }  # fmt: skip
    found = sign(AWS, AWS_AT, "GET", "/test.txt", {}, headers, empty)
    assert found == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"


def test_an_address_is_presigned_as_in_the_example_of_aws() -> None:
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request",
        "X-Amz-Date": "20130524T000000Z",
        "X-Amz-Expires": str(int(timedelta(days=1).total_seconds())),
        "X-Amz-SignedHeaders": "host",
    }
    headers = {"host": "examplebucket.s3.amazonaws.com"}
    found = sign(AWS, AWS_AT, "GET", "/test.txt", query, headers, UNSIGNED)
    assert found == "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"


async def test_an_upload_that_is_too_large_leaves_nothing_behind(
    memory: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatch.transport.uploads.MOST_BYTES", 3)
    signed = memory.files.presign(FILE, "text/csv")
    async with httpx.AsyncClient() as client:
        assert (await client.put(signed.url, content=b"four", headers=dict(signed.headers))).status_code == 413
    with pytest.raises(AddressGone):
        await memory.files.get(FILE)

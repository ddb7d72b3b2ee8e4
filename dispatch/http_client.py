"""The HTTP API, from the client's side: somebody who is signed in and asks.

In: an address and a login. Out: answers as contract models. Invariants: an access token that has run out is replaced by
signing in again, once for a request; a change carries a key of its own, so that sending it again does nothing twice.
"""

import secrets
from types import TracebackType
from typing import Self, TypeVar

import aiohttp

from dispatch.client import ClientError
from dispatch.contract.base import Message
from dispatch.contract.http import Session, SignIn
from dispatch.contract.problems import Problem, ProblemCode

AnswerT = TypeVar("AnswerT", bound=Message)


class HttpClient:
    """One person's requests. Use it as `async with HttpClient(url, email, password) as client`."""

    def __init__(self, url: str, email: str, password: str) -> None:
        self._url = url
        self._email = email
        self._password = password
        self._token = ""
        self._http: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    async def ask(self, method: str, path: str, answer: type[AnswerT], body: Message | None = None) -> AnswerT:
        """One request. Raises ClientError where the server refuses, ConnectionError where it is away."""
        key = secrets.token_hex(16)
        if not self._token:
            await self._sign_in()
        try:
            return await self._once(method, path, answer, body, key)
        except ClientError as error:
            if error.problem.code is not ProblemCode.TOKEN_EXPIRED:
                raise
        await self._sign_in()
        return await self._once(method, path, answer, body, key)

    async def _sign_in(self) -> None:
        self._token = (await sign_in(self._url, self._email, self._password)).access_token

    async def _once(
        self, method: str, path: str, answer: type[AnswerT], body: Message | None, key: str
    ) -> AnswerT:  # fmt: skip
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": key, "Content-Type": "application/json"}
        data = body.model_dump_json() if body else None
        try:
            async with self._http.request(method, self._url + path, data=data, headers=headers) as response:
                text = await response.text()
        except aiohttp.ClientError:
            raise ConnectionError("The server does not answer.") from None
        if response.status >= 400:
            raise ClientError(Problem.model_validate_json(text))
        return answer.model_validate_json(text)


async def sign_in(url: str, email: str, password: str) -> Session:
    """A signed-in session. Raises ClientError for wrong credentials."""
    body = SignIn(email=email, password=password).model_dump(mode="json")
    async with aiohttp.ClientSession() as http, http.post(f"{url}/v1/auth/sign-in", json=body) as answer:
        text = await answer.text()
    if answer.status != 200:
        raise ClientError(Problem.model_validate_json(text, extra="ignore"))
    return Session.model_validate_json(text, extra="ignore")

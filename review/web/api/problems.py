"""What the API answers where it cannot do what it was asked: problem details (RFC 9457), one model for each shape."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from catalog.assets import AssetError
from catalog.errors import CatalogError
from catalog.store import StoreLockedError
from configs.errors import BurnwatchError
from review import errors
from review.clock import ClockError
from review.hand_on import UnknownFormatError
from review.users import UnknownUserError
from review.web.api.flag_models import Flag, Step

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5
MOST_FAULTS = 100


class Problem(BaseModel):
    """Why a request was not done."""

    type: str = Field(default="about:blank", description="Always this: the status says what kind of problem it is")
    title: str = Field(description="The status in words")
    status: int = Field(ge=400, le=599, description="The HTTP status")
    detail: str = Field(description="What is wrong, and what to do")


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    field: str = Field(description="Where it is: path, query, header or body, and the names within it, with dots")
    message: str


class Invalid(Problem):
    """A request that cannot be understood."""

    faults: list[Fault] = Field(
        default=[], description=f"Each thing that is wrong, the first {MOST_FAULTS}, where there is more to say"
    )


class Conflict(Problem):
    """The flag is not as the request took it to be: somebody else was there before, or the review's rules forbid it."""

    flag: Flag | None = Field(description="The flag as it is now")
    step: Step | None = Field(
        default=None, description="The last step of its review: what was done meanwhile, and by whom"
    )
    expected_version: int | None = Field(default=None, description="The version that the request had seen")
    allowed: list[str] = Field(default=[], description="The states that the flag can be moved to now")


MODELS: dict[int, type[Problem]] = {409: Conflict, 412: Conflict, 422: Invalid}
MEANINGS: dict[int, str] = {
    400: "The request is not for this desk, or not HTTP as it should be",
    401: "Not logged in: give a token, or log in",
    403: "Your role does not allow it",
    404: "There is no such thing",
    408: "The request's body came too slowly",
    409: "Somebody else changed the flag meanwhile, or the review's rules do not lead there; it comes as it is now",
    412: "The flag is no longer at the version of `If-Match`; it comes as it is now",
    413: "The request's body is too large",
    415: "The request's body is of a kind that is not taken here",
    422: "The request cannot be understood, or a rule forbids its content",
    428: "Say which version of the flag you saw: `expected_version` in the body, or `If-Match`",
    503: "The database is busy or out of reach, or this machine's clock cannot be right: try again later",
}


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that an operation may answer with, as FastAPI documents them."""
    return {status: {"model": MODELS.get(status, Problem), "description": MEANINGS[status]} for status in statuses}


class RefusalError(BurnwatchError):
    """An answer other than what was asked for, raised by a handler of the API.

    Attributes
    ----------
    status : int
    detail : str
    """

    def __init__(self, status: int, detail: str) -> None:
        self.status, self.detail = status, detail
        super().__init__(detail)


def install(app: FastAPI) -> None:
    """Let ``app`` answer every failure with a problem."""
    app.exception_handler(RefusalError)(_refusal)
    app.exception_handler(RequestValidationError)(_not_understood)
    app.exception_handler(HTTPException)(_http)
    app.exception_handler(errors.ReviewError)(_review)
    app.exception_handler(CatalogError)(_catalog)
    app.exception_handler(Exception)(_unforeseen)


def problem(status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> Response:  # noqa: ANN401 - members of the models
    """The answer itself."""
    model = MODELS.get(status, Problem)
    body = model(title=HTTPStatus(status).phrase, status=status, detail=detail, **more)
    return Response(body.model_dump_json(), status, headers, media_type=MEDIA_TYPE)


def _refusal(_: Request, error: RefusalError) -> Response:
    return problem(error.status, error.detail)


def _not_understood(_: Request, error: RequestValidationError) -> Response:
    return invalid(
        [
            Fault(field=".".join(map(str, fault["loc"])), message=fault["msg"].removeprefix("Value error, "))
            for fault in error.errors()[:MOST_FAULTS]
        ]
    )


def invalid(faults: list[Fault]) -> Response:
    """The answer to a request with these faults."""
    detail = "; ".join(f"{fault.field}: {fault.message}" for fault in faults[:5])
    return problem(422, detail or "the request cannot be understood", faults=faults)


def _http(request: Request, error: HTTPException) -> Response:
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_methods(request)))
    return problem(error.status_code, str(error.detail), headers=headers)


def _methods(request: Request) -> set[str]:
    """What may be done at the request's address."""
    here = request.url.path.removeprefix(request.scope["root_path"])
    paths = request.app.openapi()["paths"]
    return {method.upper() for path in paths if compile_path(path)[0].match(here) for method in paths[path]}


def _review(request: Request, error: errors.ReviewError) -> Response:
    match error:
        case errors.ConflictError():
            return _late(error, 412 if "if-match" in request.headers else 409)
        case errors.BadTransitionError():
            return _forbidden(request, error)
        case errors.UnknownFlagError() | errors.UnknownFindingError() | UnknownUserError() | UnknownFormatError():
            return problem(404, str(error))
        case errors.StoreUnavailableError():
            # Its address and the driver's words are not for strangers.
            return problem(503, "the database is busy or out of reach: try again", headers=_later())
        case ClockError():
            return problem(503, str(error), headers=_later())
        case errors.InvalidFilterError():
            return invalid([Fault(field=f"query.{error.field}", message=str(error))])
        case errors.InvalidVerdictError():
            return invalid([Fault(field=f"body.{error.field}", message=str(error))])
        case _:
            return problem(422, str(error))


def _late(error: errors.ConflictError, status: int) -> Response:
    step = None if error.step is None else Step.model_validate(error.step)
    flag = Flag.model_validate(error.flag)
    return problem(status, str(error), flag=flag, step=step, expected_version=error.expected_version)


def _forbidden(request: Request, error: errors.BadTransitionError) -> Response:
    store = request.app.state.desk.flags
    steps = store.history(error.flag_id)
    return problem(
        409,
        str(error),
        flag=Flag.model_validate(store.get(error.flag_id)),
        step=Step.model_validate(steps[-1]) if steps else None,
        allowed=[str(state) for state in error.allowed],
    )


def _catalog(_: Request, error: CatalogError) -> Response:
    match error:
        case StoreLockedError():
            return problem(503, "the store is busy: try again", headers=_later())
        case AssetError():
            return problem(422, str(error))
        case _:
            return problem(500, "the data cannot be read: see the program's log")


def _unforeseen(_: Request, __: Exception) -> Response:
    return problem(500, "an error of the program: see its log")


def _later() -> dict[str, str]:
    return {"Retry-After": str(RETRY_AFTER_S)}

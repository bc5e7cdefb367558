"""botocore clients against an endpoint on this machine."""

import botocore.session
from botocore.config import Config

import lab


def client(service, endpoint, key=lab.KEY, secret=lab.SECRET, region=lab.REGION, token=None, **settings):
    """A client that asks once, so that every answer seen is one that was sent."""
    settings.setdefault("retries", {"max_attempts": 0})
    return botocore.session.Session().create_client(
        service, region_name=region, endpoint_url=endpoint,
        aws_access_key_id=key, aws_secret_access_key=secret, aws_session_token=token, config=Config(**settings),
    )


def refusal(call, **parameters):
    """(HTTP status, error code) of a call that must be refused."""
    try:
        answer = call(**parameters)
    except botocore.exceptions.ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]
    return answer["ResponseMetadata"]["HTTPStatusCode"], "answered"

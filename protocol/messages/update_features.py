"""UpdateFeatures (API key 57).

Versions  v1 request no allow_downgrade, upgrade_type, validate_only. v2 response no results.
Source    Kafka 4.3, UpdateFeaturesRequest.json, UpdateFeaturesResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, boolean, int8, int16, int32, string


class FeatureUpdateKey(Struct):
    """`FeatureUpdateKey` of UpdateFeaturesRequest."""

    feature: Annotated[str, string("0+")] = ""
    max_version_level: Annotated[int, int16("0+")] = 0
    allow_downgrade: Annotated[bool, boolean("0")] = False
    upgrade_type: Annotated[int, int8("1+")] = 1


class UpdateFeaturesRequest(Message, key=57, versions="0-2", flexible="0+"):
    """UpdateFeaturesRequest, versions 0-2."""

    timeout_ms: Annotated[int, int32("0+")] = 60000
    feature_updates: Annotated[list[FeatureUpdateKey], array(FeatureUpdateKey, "0+")] = []
    validate_only: Annotated[bool, boolean("1+")] = False


class UpdatableFeatureResult(Struct):
    """`UpdatableFeatureResult` of UpdateFeaturesResponse."""

    feature: Annotated[str, string("0+")] = ""
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = ""


class UpdateFeaturesResponse(Message, key=57, versions="0-2", flexible="0+"):
    """UpdateFeaturesResponse, versions 0-2."""

    throttle_time_ms: Annotated[int, int32("0+")] = 0
    error_code: Annotated[int, int16("0+")] = 0
    error_message: Annotated[str | None, string("0+", nullable="0+")] = ""
    results: Annotated[list[UpdatableFeatureResult], array(UpdatableFeatureResult, "0-1")] = []

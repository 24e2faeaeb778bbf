"""ApiVersions (API key 18).

Versions  v1 response throttle_time_ms. v3 request client_software_name, client_software_version; response
          supported_features, finalized_features_epoch, finalized_features, zk_migration_ready; flexible. v5 request
          cluster_id, node_id.
Source    Kafka 4.3, ApiVersionsRequest.json, ApiVersionsResponse.json
"""

from typing import Annotated

from kafka_conformance.protocol.layout import Message, Struct, array, boolean, int16, int32, int64, string


class ApiVersionsRequest(Message, key=18, versions="0-5", flexible="3+"):
    """ApiVersionsRequest, versions 0-5."""

    client_software_name: Annotated[str, string("3+")] = ""
    client_software_version: Annotated[str, string("3+")] = ""
    cluster_id: Annotated[str | None, string("5+", nullable="5+")] = None
    node_id: Annotated[int, int32("5+")] = -1


class ApiVersion(Struct):
    """`ApiVersion` of ApiVersionsResponse."""

    api_key: Annotated[int, int16("0+")] = 0
    min_version: Annotated[int, int16("0+")] = 0
    max_version: Annotated[int, int16("0+")] = 0


class SupportedFeatureKey(Struct):
    """`SupportedFeatureKey` of ApiVersionsResponse."""

    name: Annotated[str, string("3+")] = ""
    min_version: Annotated[int, int16("3+")] = 0
    max_version: Annotated[int, int16("3+")] = 0


class FinalizedFeatureKey(Struct):
    """`FinalizedFeatureKey` of ApiVersionsResponse."""

    name: Annotated[str, string("3+")] = ""
    max_version_level: Annotated[int, int16("3+")] = 0
    min_version_level: Annotated[int, int16("3+")] = 0


class ApiVersionsResponse(Message, key=18, versions="0-5", flexible="3+"):
    """ApiVersionsResponse, versions 0-5."""

    error_code: Annotated[int, int16("0+")] = 0
    api_keys: Annotated[list[ApiVersion], array(ApiVersion, "0+")] = []
    throttle_time_ms: Annotated[int, int32("1+")] = 0
    supported_features: Annotated[list[SupportedFeatureKey], array(SupportedFeatureKey, "3+", tag=0, tagged="3+")] = []
    finalized_features_epoch: Annotated[int, int64("3+", tag=1, tagged="3+")] = -1
    finalized_features: Annotated[list[FinalizedFeatureKey], array(FinalizedFeatureKey, "3+", tag=2, tagged="3+")] = []
    zk_migration_ready: Annotated[bool, boolean("3+", tag=3, tagged="3+")] = False

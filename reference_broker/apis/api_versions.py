"""ApiVersions: a client learns which APIs and features there are.

Versions  v1 throttle time; v3 client software, features, flexible; v4 features whose lowest level is 0.
Errors    INVALID_REQUEST for a client name or version that is not as KIP-511 wants it, the connection stays open;
          UNSUPPORTED_VERSION is answered by the dispatcher, in version 0.
Source    KafkaApis.handleApiVersionsRequest, ApiVersionsRequest.isValid, ApiVersionsResponse (KAFKA-17492)
"""

from __future__ import annotations

import re

from kafka_conformance.protocol.error_codes import ErrorCode
from kafka_conformance.protocol.messages.api_versions import (
    ApiVersion,
    ApiVersionsRequest,
    ApiVersionsResponse,
    FinalizedFeatureKey,
    SupportedFeatureKey,
)
from kafka_conformance.reference_broker.apis.rules import ApiRules
from kafka_conformance.reference_broker.cluster.context import Context
from kafka_conformance.reference_broker.controller.features import FEATURES

_SOFTWARE = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?")


class ApiVersionsRules(ApiRules):
    """What a broker says of its APIs and features."""

    def advertised(self, ctx: Context) -> list[ApiVersion]:
        """The APIs with the versions that are shown, by key."""
        return [
            ApiVersion(api_key=key, min_version=served.advertised.first, max_version=served.advertised.last)
            for key, served in sorted(ctx.broker.apis.items())
            if served.advertised is not None
        ]

    def is_valid_client(self, request: ApiVersionsRequest, version: int) -> bool:
        """Whether the client's name and version are well-formed (KIP-511)."""
        return version < 3 or bool(
            _SOFTWARE.fullmatch(request.client_software_name) and _SOFTWARE.fullmatch(request.client_software_version)
        )

    def supported_features(self, ctx: Context) -> list[SupportedFeatureKey]:
        """The features of this broker; older clients cannot read a lowest level of 0."""
        return [
            SupportedFeatureKey(name=feature.name, min_version=feature.first, max_version=feature.last)
            for feature in FEATURES
            if ctx.api_version >= 4 or feature.first > 0
        ]

    def finalized_features(self, ctx: Context) -> list[FinalizedFeatureKey]:
        """The features that the cluster has agreed on; level 0 is not there."""
        return [
            FinalizedFeatureKey(name=name, max_version_level=level, min_version_level=level)
            for name, level in ctx.broker.image.features.items()
            if level > 0
        ]


def api_versions(ctx: Context, request: ApiVersionsRequest) -> ApiVersionsResponse:
    """Answer ApiVersions."""
    view = ctx.broker.rules.of(ApiVersionsRules)
    if not view.is_valid_client(request, ctx.api_version):
        return ApiVersionsResponse(error_code=ErrorCode.INVALID_REQUEST)
    return ApiVersionsResponse(
        api_keys=view.advertised(ctx),
        supported_features=view.supported_features(ctx),
        finalized_features_epoch=ctx.broker.image.offset,
        finalized_features=view.finalized_features(ctx),
    )

"""MLflow's pages and API as an application, for those who serve it."""

from __future__ import annotations

import os
from typing import Any

from models.registry.versions import ModelRegistry


def mlflow_application(registry: ModelRegistry) -> Any:  # noqa: ANN401 - no package but pipelines and review knows the web
    """MLflow's ASGI application over the registry's database; it asks nobody who they are.

    MLflow reads where its stores are from variables of its own, which are set here as ``mlflow server`` sets them.
    """
    from mlflow.environment_variables import _MLFLOW_SGI_NAME
    from mlflow.server import constants
    from mlflow.server.handlers import initialize_backend_stores

    artifacts = "mlflow-artifacts:/"
    os.environ.update(
        {
            constants.BACKEND_STORE_URI_ENV_VAR: registry.tracking_uri,
            constants.REGISTRY_STORE_URI_ENV_VAR: registry.tracking_uri,
            constants.ARTIFACT_ROOT_ENV_VAR: artifacts,
            constants.ARTIFACTS_DESTINATION_ENV_VAR: (registry.home / "artifacts").as_uri(),
            constants.SERVE_ARTIFACTS_ENV_VAR: "true",
            _MLFLOW_SGI_NAME.name: "uvicorn",
        }
    )
    registry.migrate()
    initialize_backend_stores(registry.tracking_uri, registry.tracking_uri, artifacts)
    from mlflow.server.fastapi_app import app  # makes itself of what stands in the environment

    return app

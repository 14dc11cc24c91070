"""Settings of one installation, from the environment (prefix `TIENDOSO_`); built once at each entry."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

REPOSITORY = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """What differs between installations; business choices are reference data instead."""

    model_config = SettingsConfigDict(env_prefix="TIENDOSO_", frozen=True, extra="ignore")

    live: Path = Field(
        default=REPOSITORY / "data" / "live", description="folder of everything that is received and built"
    )
    address: str = Field(default="127.0.0.1", description="address the server listens on")
    port: int = Field(default=8501, ge=1, le=65535, description="port the server listens on")
    sign_in: Literal["off", "accounts", "oidc", "proxy"] = Field(
        default="off", description="how people sign in; off = not at all, and the server listens on this machine alone"
    )
    session_hours: float = Field(default=8, gt=0, le=8, description="a session ends so many hours after sign-in")
    session_idle_minutes: float = Field(default=60, gt=0, description="a session ends after so long without a sign")
    public_url: str = Field(
        default="", pattern=r"^(https?://[^/?#\s]+)?$", description="address under which people reach the server"
    )
    frame_ancestors: str = Field(
        default="",
        pattern=r"^(https?://[^/?#\s;,]+( https?://[^/?#\s;,]+)*)?$",
        description="sites that may show a wall screen inside their pages, with blanks between",
    )
    session_upload_mb: int = Field(default=200, ge=1, description="most that one session may upload in all")
    home_province: str = Field(default="38", description="province of senders whose province stands nowhere")
    parser_processes: int = Field(default=2, ge=1, le=32, description="child processes that read workbooks")
    parser_seconds: float = Field(default=30, gt=0, description="longest time one workbook may take to read")
    parser_memory_mb: int = Field(default=1024, ge=256, description="most memory a reading process may take")
    max_file_mb: int = Field(default=20, ge=1, le=200, description="largest file that is accepted")
    keep_versions: int = Field(default=4, ge=2, description="warehouse versions kept after a build")

    @property
    def landing(self) -> Path:
        return self.live / "landing"

    @property
    def inbox(self) -> Path:
        return self.live / "inbox"

    @property
    def archive(self) -> Path:
        return self.live / "archive"

    @property
    def reference(self) -> Path:
        return self.live / "reference"

    @property
    def warehouse(self) -> Path:
        return self.live / "warehouse"

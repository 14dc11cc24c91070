"""Settings of one installation, from the environment (prefix `TIENDOSO_`); built once at each entry."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args, get_origin
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from etl.errors import HouseError

REPOSITORY = Path(__file__).resolve().parent.parent
PREFIX: Final = "TIENDOSO_"


def is_loopback(name: str) -> bool:
    """Whether an address or name is that of this machine alone."""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


class Settings(BaseSettings):
    """What differs between installations; business choices are reference data instead.

    Each field has its meaning in English (`description`) and in Vietnamese (`vi`); docs/settings.md is made from them.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    live: Path = Field(
        default=REPOSITORY / "data" / "live",
        description="folder of everything that is received and built",
        json_schema_extra={"vi": "thư mục chứa mọi thứ nhận vào và dựng ra"},
    )
    address: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="address the server listens on",
        json_schema_extra={"vi": "địa chỉ máy chủ lắng nghe"},
    )
    port: int = Field(
        default=8501,
        ge=1,
        le=65535,
        description="port the server listens on; of several processes, the first one's",
        json_schema_extra={"vi": "cổng máy chủ lắng nghe; nếu chạy nhiều tiến trình thì là cổng của tiến trình đầu"},
    )
    processes: int = Field(
        default=1,
        ge=1,
        le=16,
        description="web processes, on as many ports from the first one on; more than one needs the proxy in front",
        json_schema_extra={
            "vi": "số tiến trình web, mỗi tiến trình một cổng kể từ cổng đầu; từ hai trở lên phải đặt sau máy chủ proxy"
        },
    )
    hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="further names people reach the server by, with commas between",
        json_schema_extra={"vi": "các tên khác mà người dùng gõ để vào máy chủ, cách nhau bằng dấu phẩy"},
    )
    public_indicators: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="indicators that the public view shows, with commas between",
        json_schema_extra={"vi": "các chỉ tiêu hiện ở trang công khai, cách nhau bằng dấu phẩy"},
    )
    sign_in: Literal["off", "accounts", "oidc", "proxy"] = Field(
        default="off",
        description="how people sign in; off = not at all, and the server listens on this machine alone",
        json_schema_extra={"vi": "cách đăng nhập; off = không đăng nhập, máy chủ chỉ lắng nghe trên chính máy này"},
    )
    oidc_issuer: str = Field(
        default="",
        pattern=r"^(https?://[^/?#\s]+[^?#\s]*)?$",
        description="with sign_in=oidc: the provider people sign in at, as it names itself",
        json_schema_extra={
            "vi": "khi sign_in=oidc: cổng đăng nhập chung, đúng như tên cổng tự khai",
            "allowed": "https://name",
        },
    )
    oidc_client_id: str = Field(
        default="",
        description="the name under which this installation is known to the provider",
        json_schema_extra={"vi": "mã ứng dụng mà cổng đăng nhập cấp cho máy chủ này"},
    )
    oidc_client_secret_file: str = Field(
        default="",
        description="file that holds the secret the provider gave; none for a client without a secret",
        json_schema_extra={
            "vi": "tệp chứa khóa bí mật do cổng đăng nhập cấp; để trống nếu không có khóa",
            "allowed": "path",
        },
    )
    oidc_scopes: str = Field(
        default="openid profile email",
        pattern=r"^(\S+ )*openid( \S+)*$",
        description="what the provider is asked to tell, with blanks between; openid among it",
        json_schema_extra={
            "vi": "những thông tin xin cổng đăng nhập cho biết, cách nhau bằng dấu cách; phải có openid",
            "allowed": "openid …",
        },
    )
    oidc_claim: str = Field(
        default="preferred_username",
        min_length=1,
        description="which of what the provider tells is the name of the account",
        json_schema_extra={"vi": "mục nào trong thông tin cổng đăng nhập trả về là tên tài khoản"},
    )
    proxy_addresses: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="addresses of the proxies that are believed who comes and from where, with commas between",
        json_schema_extra={
            "vi": "địa chỉ các máy chủ proxy được tin khi báo ai đến và đến từ đâu, cách nhau bằng dấu phẩy",
            "allowed": "10.0.0.5,10.0.1.0/24",
        },
    )
    proxy_header: str = Field(
        default="x-remote-user",
        pattern=r"^[A-Za-z0-9-]+$",
        description="with sign_in=proxy: the header in which the proxy tells the name of the account",
        json_schema_extra={"vi": "khi sign_in=proxy: tiêu đề HTTP mà máy chủ proxy dùng để báo tên tài khoản"},
    )
    session_hours: float = Field(
        default=8,
        gt=0,
        le=8,
        description="a session ends so many hours after sign-in",
        json_schema_extra={"vi": "phiên làm việc hết hạn sau ngần ấy giờ kể từ lúc đăng nhập"},
    )
    session_idle_minutes: float = Field(
        default=60,
        gt=0,
        description="a session ends after so many minutes without a sign",
        json_schema_extra={"vi": "phiên làm việc hết hạn sau ngần ấy phút không thao tác"},
    )
    public_url: str = Field(
        default="",
        pattern=r"^(https?://[^/?#\s]+)?$",
        description="address under which people reach the server",
        json_schema_extra={"vi": "địa chỉ người dùng gõ để vào máy chủ", "allowed": "https://name"},
    )
    frame_ancestors: str = Field(
        default="",
        pattern=r"^(https?://[^/?#\s;,]+( https?://[^/?#\s;,]+)*)?$",
        description="sites that may show a wall screen inside their pages, with blanks between",
        json_schema_extra={
            "vi": "các trang được phép nhúng màn hình treo tường, cách nhau bằng dấu cách",
            "allowed": "https://name https://name …",
        },
    )
    session_upload_mb: int = Field(
        default=200,
        ge=1,
        description="most that one session may upload in all, in MiB",
        json_schema_extra={"vi": "tổng dung lượng một phiên được tải lên, tính bằng MiB"},
    )
    log: Literal["text", "json"] = Field(
        default="text",
        description="how the log is written: lines for people, or one JSON object a line for programmes",
        json_schema_extra={
            "vi": "cách ghi nhật ký: dòng chữ cho người đọc, hay mỗi dòng một đối tượng JSON cho máy đọc"
        },
    )
    stale_after_days: int = Field(
        default=14,
        ge=1,
        le=366,
        description="days without a new accepted report after which stewards and operators are reminded",
        json_schema_extra={"vi": "số ngày không có báo cáo mới được nhận thì nhắc người phụ trách dữ liệu và vận hành"},
    )
    home_province: str = Field(
        default="38",
        description="province of senders whose province stands nowhere",
        json_schema_extra={"vi": "mã tỉnh của đơn vị gửi khi tệp không ghi tỉnh nào"},
    )
    parser_processes: int = Field(
        default=2,
        ge=1,
        le=32,
        description="child processes that read workbooks",
        json_schema_extra={"vi": "số tiến trình con đọc tệp Excel"},
    )
    parser_seconds: float = Field(
        default=30,
        gt=0,
        description="longest time one workbook may take to read, in seconds",
        json_schema_extra={"vi": "thời gian dài nhất để đọc một tệp, tính bằng giây"},
    )
    parser_memory_mb: int = Field(
        default=1024,
        ge=256,
        description="most memory a reading process may take, in MiB",
        json_schema_extra={"vi": "bộ nhớ tối đa của một tiến trình đọc tệp, tính bằng MiB"},
    )
    max_file_mb: int = Field(
        default=20,
        ge=1,
        le=200,
        description="largest file that is accepted, in MiB",
        json_schema_extra={"vi": "dung lượng tệp lớn nhất được nhận, tính bằng MiB"},
    )
    least_free_mb: int = Field(
        default=500,
        ge=0,
        description="no file is taken in while less of the disk is free, in MiB",
        json_schema_extra={"vi": "đĩa còn trống ít hơn mức này (MiB) thì ngừng nhận tệp mới"},
    )
    keep_versions: int = Field(
        default=4,
        ge=2,
        description="warehouse versions kept after a build",
        json_schema_extra={"vi": "số phiên bản kho dữ liệu giữ lại sau mỗi lần dựng"},
    )

    @field_validator("proxy_addresses")
    @classmethod
    def _networks(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for one in given:
            ipaddress.ip_network(one)
        return given

    @field_validator("hosts", "public_indicators", "proxy_addresses", mode="before")
    @classmethod
    def _names(cls, given: Any) -> Any:
        return tuple(name.strip() for name in given.split(",") if name.strip()) if isinstance(given, str) else given

    def check_server(self) -> None:
        """Raises HouseError if the server would let people in who have no business there."""
        if self.sign_in == "oidc":
            self._check_oidc()
        if self.sign_in == "proxy" and not self.proxy_addresses:
            raise HouseError(
                "TIENDOSO_SIGN_IN=proxy, and no proxy is named that may say who comes.",
                "Set TIENDOSO_PROXY_ADDRESSES to the address the proxy connects from, e.g. 127.0.0.1.",
            )
        if self.sign_in == "off" and not is_loopback(self.address):
            raise HouseError(
                f"Nobody signs in (TIENDOSO_SIGN_IN=off), and TIENDOSO_ADDRESS={self.address} would let everybody in.",
                "Set TIENDOSO_SIGN_IN=accounts and make the first account (tiendoso user add), or listen on 127.0.0.1.",
            )

    def _check_oidc(self) -> None:
        given = {"oidc_issuer": self.oidc_issuer, "oidc_client_id": self.oidc_client_id, "public_url": self.public_url}
        if missing := [variable(name) for name, value in given.items() if not value]:
            raise HouseError(
                f"TIENDOSO_SIGN_IN=oidc needs {', '.join(missing)}.",
                "docs/settings.md tells what each of them is.",
            )
        for name in ("oidc_issuer", "public_url"):
            address = urlsplit(given[name])
            if address.scheme != "https" and not is_loopback(address.hostname or ""):
                raise HouseError(
                    f"{variable(name)}={given[name]}: names and sessions would travel in the open.",
                    "Use an address that begins with https://.",
                )
        self.oidc_client_secret()

    def oidc_client_secret(self) -> str:
        """What the provider knows this installation by; '' without. Raises HouseError for a file that is no secret."""
        if not self.oidc_client_secret_file:
            return ""
        path = Path(self.oidc_client_secret_file)
        try:
            secret, mode = path.read_text(encoding="utf-8").strip(), path.stat().st_mode
        except (OSError, UnicodeDecodeError) as fault:
            raise HouseError(
                f"{variable('oidc_client_secret_file')}={path} cannot be read: {getattr(fault, 'strerror', fault)}.",
                "The file must hold the secret and be readable for the server's own user.",
            ) from fault
        if mode & 0o007:
            raise HouseError(f"{path} may be read by everybody on this machine.", f"chmod 600 {path}")
        if not secret:
            raise HouseError(f"{path} is empty.", "Write the secret that the provider gave into it.")
        return secret

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

    @property
    def metrics(self) -> Path:
        return self.live / "metrics"

    @property
    def ports(self) -> range:
        """The port of each web process, in their order."""
        return range(self.port, self.port + self.processes)

    @property
    def public_names(self) -> list[str]:
        """The names people reach the server by, the one of its public address first."""
        public = [urlsplit(self.public_url).hostname or ""] if self.public_url else []
        return list(dict.fromkeys([*public, *self.hosts]))

    @property
    def host_names(self) -> list[str]:
        """The names a request may be addressed to."""
        own = [self.address] if self.address not in ("0.0.0.0", "::") else [socket.gethostname()]
        return list(dict.fromkeys([*self.public_names, "localhost", "127.0.0.1", "::1", *own]))


def read_settings() -> Settings:
    """The settings of this installation. Raises HouseError naming variable, value and what is allowed."""
    faults = list(_unknown())
    try:
        settings = Settings()
    except ValidationError as wrong:
        faults += [_told(str(fault["loc"][0])) for fault in wrong.errors() if fault["loc"]]
    else:
        if settings.ports[-1] > 65535:
            faults.append(
                f"{PREFIX}PORT={settings.port} with {PREFIX}PROCESSES={settings.processes}: ports end at 65535"
            )
        if not faults:
            return settings
    raise HouseError(
        f"Wrong setting: {'; '.join(faults)}",
        "Correct the environment and start again; `tiendoso settings` lists every setting.",
    )


def _unknown() -> Iterator[str]:
    """A word about each variable of our prefix that is none of ours: most likely it is misspelt."""
    known = [variable(name) for name in Settings.model_fields]
    for given in sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known):
        near = get_close_matches(given.upper(), known, n=1)
        yield f"there is no {given}" + (f" (is {near[0]} meant?)" if near else "")


def _told(name: str) -> str:
    field = Settings.model_fields[name]
    value = next((held for key, held in os.environ.items() if key.upper() == variable(name)), "")
    return f"{variable(name)}={value!r}: allowed is {allowed(field)} ({field.description})"


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"{PREFIX}{name.upper()}"


def allowed(field: FieldInfo) -> str:
    """What a setting may be, in a few words, from its type and its limits."""
    kind, extra = field.annotation, field.json_schema_extra
    if isinstance(extra, dict) and "allowed" in extra:
        return str(extra["allowed"])
    if get_origin(kind) is Literal:
        return " | ".join(str(choice) for choice in get_args(kind))
    if kind is bool:
        return "true | false"
    if kind not in (int, float):
        return "path" if kind is Path else "text"
    limits = {
        name: getattr(rule, name) for rule in field.metadata for name in ("ge", "gt", "le", "lt") if hasattr(rule, name)
    }
    if "ge" in limits and "le" in limits:
        return f"{limits['ge']} … {limits['le']}"
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    return " ".join(f"{signs[name]} {limit}" for name, limit in limits.items()) or "number"


def default_of(field: FieldInfo) -> str:
    """The default of a setting as one would write it in the environment; paths as they lie in the checkout."""
    if isinstance(field.default, Path):
        return str(field.default.relative_to(REPOSITORY))
    if isinstance(field.default, tuple):
        return ",".join(field.default)
    return str(field.default)


def as_document() -> str:
    """docs/settings.md: every setting in one table, in Vietnamese and English."""
    lines = [
        "# Cài đặt · Settings",
        "",
        "Đặt bằng biến môi trường. Sai tên hoặc sai giá trị thì máy chủ không khởi động và nêu rõ lý do.",
        "Bảng này do `tiendoso settings --markdown` làm ra.",
        "",
        "Given as environment variables before the start; a wrong name or value stops the start and is named.",
        "This table is made by `tiendoso settings --markdown`.",
        "",
        "| Biến · Variable | Mặc định · Default | Được phép · Allowed | Ý nghĩa | Meaning |",
        "|---|---|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        cells = (f"`{variable(name)}`", f"`{default_of(field)}`" if default_of(field) else "", allowed(field))
        lines.append(
            "| "
            + " | ".join(
                cell.replace("|", "\\|") for cell in (*cells, str(extra.get("vi", "")), str(field.description))
            )
            + " |"
        )
    return "\n".join(lines) + "\n"

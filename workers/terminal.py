"""What the person at the terminal reads: a line for each thing that was done, and the addresses when the portal is up."""

from __future__ import annotations

import os
import sys

from tenants.settings import Settings

_ACCOUNTS = (
    ("operator", "平台运营 · platform operator"),
    ("reg-3705", "东营市监管 · regulator of Dongying (reg-37, reg-11)"),
    ("insp-3705", "现场检查 · inspector"),
    ("370502-001-admin", "充装单位 · enterprise (-filler -checker -driver -store -repair -lab)"),
)
_LINE = "─" * 78


def say(line: str) -> None:
    """One line at once; a terminal that has gone away, or a file on a full disk, is no reason to stop."""
    try:
        print(line, flush=True)
    except OSError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - kept for the life of the process


def address_of(settings: Settings) -> str:
    """Where a browser on this machine finds the portal."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - compared, not bound
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def banner(settings: Settings, seconds: float) -> str:
    """Addresses, and the demo accounts where there are any."""
    address = address_of(settings)
    lines = [
        _LINE,
        f"  气瓶追溯平台已启动 · The portal is ready ({seconds:.1f} s)",
        "",
        f"  门户 portal      {address}/",
        f"  公众查询 lookup  {address}/Q?id=",
        f"  设备接口 devices {address}/api/devices/v1/docs",
    ]
    if settings.demo:
        lines += ["", f"  演示账号 demo accounts, 密码 password: {settings.demo_password}"]
        lines += [f"    {name:<18}{who}" for name, who in _ACCOUNTS]
    lines += ["", f"  数据 data: {settings.data_dir}    停止 stop: Ctrl-C", _LINE]
    return "\n".join(lines)

"""What a scan leaves behind, as everybody can read it at `/privacy`. Whoever changes what is kept changes this page with it."""

from __future__ import annotations

from public_lookup.words import Words

TITLE = Words("扫码会留下什么", "What a scan leaves behind")
PARTS: tuple[tuple[Words, tuple[Words, ...]], ...] = (
    (Words("不留下的", "What isn't kept"), (
        Words("不用注册，不放 Cookie，不读手机号、不读微信账号，也不问您在哪里。",
              "No account, no cookie; neither your phone number nor your place is asked for or read."),
        Words("页面里没有别家公司的脚本、图片或统计。查询结果不留在手机的缓存里。",
              "The page holds no script, picture or counter of anybody else. The answer isn't kept in your phone's cache."),
    )),
    (Words("用一下就丢的", "What is used and dropped"), (
        Words("为了防止有人成批套取编码，服务器数同一网络地址一分钟里查了几次。记下的只有次数，没有地址，过了一分钟就不再算数。",
              "To stop people from harvesting codes the server counts how often a network address asks in a minute. It keeps numbers "
              "without addresses, and a minute later they mean nothing."),
    )),
    (Words("留下的", "What is kept"), (
        Words("只留下总数：每种结果各查了多少次。不记是谁查的，也不记查的是哪只瓶。",
              "Totals alone: how often each answer was given. Neither who asked nor which cylinder."),
        Words("运营单位在本系统前面另设的网站服务器，可能按法律要求保存访问记录；其中的完整网络地址最多保存 30 天。",
              "A web server that the operator runs before this one may have to keep a log by law; full addresses in it are kept for "
              "30 days at most."),
    )),
    (Words("您主动告诉我们的", "What you tell us yourself"), (
        Words("举报时写下的话、照片和手机号只给办理的人看，手机号加密保存，可以不填。",
              "The words, picture and phone number of a report are for those who handle it; the number is sealed, and you may leave "
              "it out."),
    )),
)  # fmt: skip

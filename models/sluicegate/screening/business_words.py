"""What organisations of other scripts are called in English: words that lists translate instead of spelling them."""

import re

_KOREAN = """
조선 korea|고려 koryo|대한 korea|한국 korea|평양 pyongyang|심양 shenyang|선양 shenyang|단동 dandong|중국 china
무역 trading|기술 technology|정보 information|정보기술 information technology|협조 cooperation|협력 cooperation
협동 cooperation|교류 exchange|회사 company|총회사 general corporation|유한회사 limited|주식회사 company
유한공사 limited|과학 science|과학기술 science technology|네트워크 network|망 network|망락 network|은행 bank
국제 international|개발 development|건설 construction|총국 general bureau|산업 industry|공업 industry|수출 export
수입 import|수출입 export import|봉사 service|합영 joint venture|합작 joint venture|금융 financial|보험 insurance
해운 shipping
"""
_CHINESE = """
沈阳 shenyang|瀋陽 shenyang|丹东 dandong|丹東 dandong|大连 dalian|北京 beijing|上海 shanghai|深圳 shenzhen
香港 hong kong|延边 yanbian|朝鲜 korea|朝鮮 korea|中国 china|中國 china|网络 network|網絡 network|网路 network
科技 technology|技术 technology|技術 technology|信息 information|信息技术 information technology|贸易 trading
貿易 trading|商贸 trading|经贸 economic trading|国际 international|國際 international|合作 cooperation|公司 company
有限公司 limited|有限责任公司 limited|股份有限公司 limited|总公司 general corporation|集团 group|集團 group
实业 industry|工业 industry|进出口 import export|進出口 import export|进口 import|出口 export|发展 development
服务 service|银行 bank|銀行 bank|投资 investment|咨询 consulting|电子 electronics|航运 shipping|物流 logistics
"""
_RUSSIAN = """
ооо llc|оао jsc|зао jsc|пао jsc|ао jsc|тоо llc|компания company|корпорация corporation|торговая trading
торговый trading|торговое trading|корея korea|корейская korea|китай china|россия russia|банк bank
технология technology|технологии technology|технологий technology|информационные information
информационных information|информационная information|международная international|международный international
сотрудничество cooperation|сотрудничества cooperation|группа group|сеть network|сетевые network|сервис service
импорт import|экспорт export|завод plant|фонд foundation
"""
_ARABIC = """
شركة company|شرکت company|مؤسسة foundation|موسسه foundation|مصرف bank|بنك bank|بانک bank|تجارة trading|تجارية trading
دولية international|بین‌المللی international|عامة general|عالمية global|صناعة industry|صناعات industries
تكنولوجيا technology|معلومات information|خدمات services|مجموعة group|تطوير development|تعاون cooperation
محدودة limited|كوريا korea|جماعة group|حركة movement|جبهة front|حزب hizb|جيش army|منظمة organization|لجنة committee
جمعية society|مركز center
شبكة network|شبکه network|دولة state|صرافة exchange|حوالة hawala|اسلامي islamic|إسلامي islamic|اسلامية islamic
إسلامية islamic|اتحاد union|مجلس council|مكتب office|طيران airlines|نفط oil|بترول petroleum
استثمار investment
"""


def _table(text: str) -> dict[str, tuple[str, ...]]:
    pairs = (pair.strip().partition(" ") for line in text.split("\n") for pair in line.split("|") if pair.strip())
    return {word: tuple(english.split()) for word, _, english in pairs}


WORDS = _table(_RUSSIAN) | _table(_ARABIC)
"""Words that stand alone, in lower case, Arabic ones without their article."""

_RUNS = _table(_KOREAN) | _table(_CHINESE)
_RUN = re.compile("|".join(sorted(_RUNS, key=lambda word: (-len(word), word))))


def split_run(run: str) -> list[tuple[str, tuple[str, ...]]]:
    """A run of Hangul or Han cut at the words that have a translation: (text, its translation or nothing).

    >>> split_run("조선신진무역회사")
    [('조선', ('korea',)), ('신진', ()), ('무역', ('trading',)), ('회사', ('company',))]
    """
    found: list[tuple[str, tuple[str, ...]]] = []
    end = 0
    for match in _RUN.finditer(run):
        if match.start() > end:
            found.append((run[end : match.start()], ()))
        found.append((match[0], _RUNS[match[0]]))
        end = match.end()
    return [*found, (run[end:], ())] if end < len(run) else found

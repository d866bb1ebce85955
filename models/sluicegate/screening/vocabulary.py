"""Words that say little about who bears a name: particles, titles, legal forms, generic words, diminutives."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _numbered(text: str, first: int) -> dict[str, int]:
    """Words, a group of equal ones between bars, numbered from `first`."""
    return {word: number for number, group in enumerate(text.split("|"), first) for word in group.split()}


PLAIN, GENERIC, NUMBER, INITIAL, PARTICLE, TITLE, LEGAL = range(7)
"""Roles of tokens; those up to NUMBER tell parties apart, and are called plain."""
ROLE_WEIGHTS = (1.0, 1.0, 1.0, 0.35, 0.25, 0.12, 0.06)
"""How much a token of each role counts beside a plain one."""
ROLE_BOUNDS = (1.0, 0.35, 1.0, 1.0, 0.35, 1.0, 1.0)
"""Upper bound on the rarity of a token of each role, also on a list that has few names like it."""

PARTICLES = _words("""
    al el ul ad as ar an at az bin ibn ben bint abu abou umm um abd abdul abdel bar van von der den de del della dei
    da das do dos du di la le las los les y e i ter ten zu af av st san mc o d l na wa ould oglu kyzy
""")
CONNECTORS = _words("""
    the of and for in on to by at a an y e i de del la el los las et und fur f do da di du
""")
TITLES = _words("""
    mr mrs ms miss dr prof professor president sir lord lady dame hon rev fr father sheikh shaikh shaykh sheik
    cheikh haji hajji hadji hajj mullah mulla maulavi mawlawi molvi qari sayyid sayed seyed syed hafiz ustad alhaj
    gen general col colonel maj major capt captain lt jr sr junior senior ii iii iv phd md esq ing eng
""")
ORGANISATION_TITLES = TITLES - _words("""
    ii iii iv general gen father major senior junior captain md eng ing
""")
ROMAN = {
    roman: str(number)
    for roman, number in _numbered("i|ii|iii|iv|v|vi|vii|viii|ix|x|xi|xii|xiii|xiv|xv|xvi|xvii|xviii|xix|xx", 1).items()
    if len(roman) > 1
}
LEGAL_WORDS = _words("""
    ltd limited llc lc llp lp inc incorporated corp corporation co company plc gmbh mbh ag kg kgaa ohg ug ev se sa
    sas sarl srl sl slu spa bv nv bvba oy oyj ab as asa aps pte pty pvt private sdn bhd kk gk jsc cjsc ojsc pjsc ooo
    oao zao ao pao aoot tov chao pat prat too ltda eirl cv rl scs sca snc fz fze fzc fzco dmcc est wll saoc saog psc
    sal liability joint stock public open closed partnership the of and aktiengesellschaft gesellschaft anonim
    sirketi sti sociedad anonima societe anonyme responsabilidad limitada capital variable por acciones unipersonal
    sp zoo societatea cu raspundere limitata beschrankter haftung mit obshchestvo ogranichennoi ogranichennoy
    otvetstvennostiu otvetstvennostyu aktsionernoe publichnoe zakrytoe otkrytoe shareholding holdco
""")
SPELLED_FORMS = _words("""
    zoo sa cv rl llc llp plc spa srl sl bv nv ag ao ooo oao zao pao fze jsc lp se
""")
"""Legal forms that are also written letter by letter, with dots."""

GENERIC_WORDS = _words("""
    technology technologies tech network networks trading trade information international intl development group
    industry industries industrial import export imports exports general service services cooperation holding
    holdings global solutions systems consulting management investment investments finance financial bank banking
    insurance shipping marine maritime transport logistics construction engineering production manufacturing
    enterprise enterprises commercial commerce energy oil gas petroleum petrochemical chemical mining metal metals
    steel power electric electronics electronic software telecom communications media foundation trust fund
    association organization organisation institute university center centre research scientific state federal
    national republic ministry department office agency branch party front army unit bureau plant factory works
    equipment machinery materials products supply new first east west north south northern southern eastern western
    city world united american european europe asia asian africa pacific capital partners properties real estate
    food foods agro medical pharmaceutical security aviation aircraft airlines air sea vostok design special
    investicion comercializadora comercial inversiones servicios grupo transportes constructora distribuidora
    empresa sanayi ticaret ve ithalat ihracat korea china russia russian iran iranian cuba cuban syria syrian
    vietnam laos ukraine belarus turkey dubai hongkong london us moscow shanghai beijing kish germany france india
    uk usa
""")
COMMON_NAMES = _words("""
    mohammed mohammad muhammad mohamed mohamad ahmed ahmad ali hassan hasan hussein hussain husayn ibrahim abdullah
    abdallah omar khan khalid mahmoud mustafa yusuf said saleh jose juan carlos maria luis jorge francisco antonio
    garcia lopez martinez rodriguez gonzalez hernandez perez sanchez ramirez torres ivan sergey sergei vladimir
    aleksandr alexander dmitry dmitri andrey andrei alexey aleksey mikhail nikolai nikolay yuri igor oleg ivanovich
    vladimirovich sergeevich sergeyevich nikolaevich nikolayevich aleksandrovich mikhailovich viktorovich
    anatolyevich yuryevich petrovich ivanov ivanova kuznetsov petrov popov kim ri pak choe jong chol song yong wang
    li zhang chen liu yang huang zhao wu zhou lin john david michael robert james william thomas peter paul anna
    smith jones williams brown johnson singh kumar nguyen tran le
""")
"""Common among the names of all parties; which they are on a list its own frequencies tell."""

_DIMINUTIVES = (
    "alexander aleksandr alex sasha|michael mike mikhail misha|robert bob rob bobby|william bill will billy|"
    "richard dick rick|james jim jimmy|john jack johnny|joseph joe yosef|thomas tom|daniel dan danny|david dave|"
    "anthony tony|edward ed eddie|charles charlie chuck|christopher chris|matthew matt|nicholas nick|"
    "steven stephen steve|peter pete|patrick pat|samuel sam|benjamin ben bibi|theodore ted teddy|barack barry|"
    "gregory greg|jeffrey jeff|kenneth ken|"
    "lawrence larry|ronald ron|donald don|timothy tim|andrew andy|elizabeth liz beth|katherine catherine kate kathy|"
    "margaret maggie peggy|jennifer jen|susan sue|barbara barb|dmitry dmitri dima|vladimir volodymyr vova|"
    "evgeny yevgeny evgeniy yevgeniy zhenya|ivan vanya|francisco paco|jose pepe|jesus chucho|guadalupe lupe|"
    "muhammad mohammed mohammad mohamed mohamad mehmet mohd muhammed|ahmed ahmad akhmed ahmet|"
    "abdullah abdallah abdulla|hussein hussain husayn husein hoseyn hossein huseyin|hassan hasan hasson|"
    "yusuf youssef yousef yousif yusif josef|omar umar omer|osama usama|george georgi georgiy georgy|"
    "sergey sergei serhiy sergiy|alexey aleksey alexei aleksei oleksiy|andrey andrei andriy|yuri yury yuriy iurii"
)
_STOCK = (
    "ag aktiengesellschaft sa spa nv oyj ab asa aps plc inc incorporated corp corporation jsc cjsc ojsc pjsc oao zao "
    "ao pao stock psc anonim anonima anonyme aktsionernoe kk"
)
_LIMITED = (
    "ltd limited llc lc gmbh mbh srl sarl sl slu bv bvba ooo tov too pte pvt sdn ltda liability limitada zoo "
    "beschrankter"
)
_PARTNERSHIP = "lp llp kg kgaa ohg partnership scs snc"
LEGAL_CLASSES = {form: 1 << bit for bit, forms in enumerate((_STOCK, _LIMITED, _PARTNERSHIP)) for form in forms.split()}
"""Bits of legal forms that exclude each other: shares, limited liability, partnership."""
KINSHIP = _words("""
    bin ben ibn bint oglu ould wuld
""")
"""Between a name and that of the father."""
NUMBER_WORDS = {
    word: str(number)
    for word, number in _numbered(
        "zero|one first 1st|two second 2nd|three third 3rd|four fourth 4th|five fifth 5th|six sixth 6th|"
        "seven seventh 7th|eight eighth 8th|nine ninth 9th|ten tenth 10th",
        0,
    ).items()
}
CONTRACTED = {("united", "states"): "us", ("united", "kingdom"): "uk", ("hong", "kong"): "hongkong"}
TENS = {word: 10 * ten for word, ten in _numbered("twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety", 2).items()}
NICKNAMES = {name: frozenset(group.split()) for group in _DIMINUTIVES.split("|") for name in group.split()}

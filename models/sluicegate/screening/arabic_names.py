"""Common names of Arabic script, transliterated: with the vowels that are not written.

Long vowels and marks as strict transliterations have them, so that the way a name is written follows from it; after
"=" how lists spell it, if otherwise. Of names that are written alike, the common one.
"""

NAMES = """
maḥmūd aḥmad ḥāmid ḥamīd ḥamdān ḥammūd ʿalī ḥasan ḥusayn=hussein muḥsin ḥassān ʿammār ʿāmir ʿabd ʿabdū ʿabdah ʿubayd
allāh=allah ibrāhīm isḥāq yaʿqūb=yaqub yūsuf hārūn dāwūd=dawud dāwud=dawood sulaymān idrīs yūnus nūḥ ādam ilyās ayyūb
jibrīl khālid khalīl khalīfah khalaf khalfān khamīs khayr=khair khayrī kāmil kamāl jamāl jamīl jamīlah jalāl jalīl
jābir jaʿfar=jafar jāsim jawād=jawad jumʿah=juma junayd jihād qāsim qādir qudrat quṣay=qusay ʿuday=uday ṣaddām=saddam
ṣāliḥ ṣalāḥ ṣabrī ṣādiq ṣiddīq=siddiq ṣafwān ṣufyān=sufyan saʿd=saad saʿīd=said saʿūd=saud masʿūd=masud suʿūd=saud
sālim salīm salmān salmá sāmī samīr sayyid=sayyid sayf=saif sulṭān sirāj shams shamsī sharīf sharīfah shaykh=sheikh
shihāb=shihab shukrī shahīd shāh=shah shīr=sher ṭāriq ṭāhir ṭāhā ṭalāl ṭayyib=tayyib ṭayyab ẓāhir tāj tamīm taqī
tawfīq=tawfiq turkī thāmir badr badrān bakr bakrī bāqir barakah bashīr bilāl burhān ibn=ibn abū=abu abī=abi umm=umm
akbar akram amīn amīr amīnah anas anwar anṣār=ansar arslān asad asʿad=asad ashraf aslam ʿazīz ʿazzām ʿaẓīm ʿādil ʿāṣim
ʿārif ʿāṭif ʿabbās ʿadnān ʿajīl ʿakkāsh ʿalam ʿalīm=alim ʿalawī ʿiṣām ʿimād=imad ʿiyād ʿizz=izz ʿizzat=izzat ʿināyat
ʿawaḍ=awad ʿāyid ʿāyish ʿāshūr=ashur fāḍil faḍl=fazl fahd fahad fayṣal=faisal fāris fārūq farīd farḥān fatḥī=fathi
fāṭimah fatḥ fawzī fawwāz fuʾād=fuad ghālib ghānim ghāzī ghaffār ghafūr ghulām ghassān ḥabīb ḥāfiẓ=hafiz ḥaydar=haidar
ḥājj=hajj ḥajjī=haji ḥājī=haji ḥakīm ḥamzah=hamza ḥanafī ḥanīf ḥaqqānī=haqqani ḥārith=harith ḥāzim ḥātim ḥizb
ḥusām=hussam hāshim hādī=hadi hānī=hani hidāyat hishām hilāl iḥsān=ehsan ikrām ismat iqbāl islām=islam islāmī jabbār
jān=jan jinān kāẓim karīm kabīr khān=khan khaṭṭāb khiḍr=khadr laṭīf luṭf luqmān mubārak majīd maḥfūẓ mājid=majid mālik
manṣūr=mansur manān marwān mawlawī=maulavi mullā=mullah mahdī=mahdi miṣrī=masri miṣr=misr muʿammar=muammar
muʿādh=muadh muʿtaṣim mufliḥ muftī mujāhid=mujahid mukhtār=mukhtar munīr=munir murād=murad murtaḍā=murtaza
muslim=muslim mushtāq mutawakkil muṭīʿ=muti muẓaffar muntaẓir nabīl nādir najīb najm nāṣir naṣr=nasr naṣīr nāṣirī
naʿīm=naim nadhīr=nazir niẓām=nizam nūr=noor nūrī nuʿmān=numan qamar qārī=qari qāḍī=qadi rabīʿ=rabi raḥīm
raḥmān=rahman raḥmat=rahmat rajab ramaḍān=ramadan ramzī rashād rāshid rashīd raḍī rāḍī=radi riḍā=reza riyāḍ=riyad
riḍwān=ridwan rūḥ rustam shafīq shākir shawqī=shawqi shujāʿ=shuja ʿumarī=omari walīd walī=wali wāḥid wazīr wakīl
yazīd=yazid yāsir yāsīn=yasin yāsar yāwar zakī zāhid zāhir zayd=zaid zaydān=zaidan zayn=zain zaynab=zainab ziyād=ziyad
zubayr=zubair zabīḥ=zabih dīn=din dawlah=dawlah rasūl raʾīs jaysh=jaish jabhat jabhah=jabhat jamāʿat=jamaat
jamāʿah=jamaa ḥarakat ḥarakah=harakat tanẓīm=tanzim katībat=katibat katībah=katibat sharīʿah=sharia shām=sham
ʿirāq=iraq lībiyā=libya yaman=yaman sūriyā=syria īrān=iran baghdād=baghdad madrasah=madrasa qāʿidah=qaida
maghrib=maghrib bilād=bilad dād=dad gul=gul gulāb=gulab ākhund=akhund ākhūnd=akhund ākhundzādah=akhundzada
ākhūndzādah=akhundzada zādah=zada pahlawān=pahlawan dūst=dost shahīdī ṣāḥib=sahib ʿabdul=abdul ʿaṭā=ata ʿaṭāʾ=ata
sharq=sharq jalālī ḥasanī ḥusaynī=husseini mūsawī=musavi ʿabdī kurd mīr=mir mīrzā=mirza yār=yar bakht=bakht
pāchā=pacha rafīq=rafiq rizq=rizq sardār shafīʿ=shafi muḥammad=mohammad muṣṭafā=mustafa muṣṭafī=mustafa mūsā=musa
mūsī=musa ʿīsā=isa ʿīsī=isa yaḥyā=yahya yaḥyī=yahya zakariyyā=zakaria murtaḍī=murtaza salmī=salma laylī=layla
hudī=huda maryam ʿāʾishah=aisha ʿumar=omar ʿuthmān=usman bin=bin bint=bint ṭh=taha ṭālib=talib ṭālibān=taliban
rāyid=raed wāyil=wael nāyif=nayef rawūf=rauf rūf=rauf usāmah=usama lādin=laden bilqāsim=belkacem muʿīn=moin walad=ould
muḥyī=muhyi fayḍ=faiz ḥayy=hai khudāy=khudai thanā=sana thāqib=saqib dhākir=zakir maẓlūm=mazloom ḥijāzī=hijazi
zubaydī=zubaidi ʿubaydī=ubaydi dilāwar=delawar nuṣrat nuṣrah=nusra muslimīn islāmiyyah=islamiya ittiḥād=ittihad
intiṣār=intisar muqātilah=muqatila qadīr ṣamad aḥad basīr baṣīr=basir ghiyāth=ghiyas diyāʾ ḍiyā=zia ḍiyāʾ=zia
bahāʾ=baha bahā=baha ʿalāʾ=ala ʿalā=ala jawhar ṣahrāwī ṣaḥrāwī=sahrawi muʿtazz muḥarram munʿim=moneim munṣif=moncef
ḥalīm salām wahhāb=wahab ḥaqq=haq razzāq=razzaq qayyūm=qayum wadūd=wadud wāsiʿ=wasi ghanī quddūs=quddus sattār=sattar
fattāḥ=fattah wahīd waḥīd=wahid tikrītī=tikriti baghdādī=baghdadi lībī=libi tūnisī=tunisi jazāyirī=jazairi
maghribī=maghribi sūrī=suri ʿirāqī=iraqi yamanī=yamani saʿūdī=saudi kuwaytī=kuwaiti ḥarb ḥarbī ʿutaybī=otaibi
shammarī=shammari dūrī ʿānī=ani zarqāwī=zarqawi ẓawāhirī=zawahiri shihrī=shehri ghāmidī=ghamdi qaḥṭānī=qahtani
zahrānī=zahrani wa khīl=khel
"""

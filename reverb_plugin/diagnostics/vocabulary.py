"""Words that are nobody's name in this trade: a name is taken out whole, but these stay where they stand alone."""

from http import HTTPStatus

from reverb_plugin.diagnostics.folding import fold

_COMMON = """
a about above accept accepted accepts access account action active add added address admin after again against all
allow allowed already also always amber amount an and annual another answer answered answers any api app application
apply april archive are around art as ask asked asks at august authentication auto autumn available average away back
bad bank base basic batch bay be because been before begin behind below best better between big bill billing black
blank block blocked blue board body book both bound box brand break bring broken brown build business but button buy
buyer by cache call called calls can cancel cancelled cannot card care carrier case cash category cause center central
change changed changes charge check checked checkout choose city class clear click client clock close closed code cold
color colour come common company complete condition configure confirm conflict connect connection contact content
context continue control cookie copy cost could count country create created credit current custom customer cut dark
data database date day days dead dear december decision default delete deleted deliver delivery denied description
detail different direct disk do document does done door double down draft drift drive drop due duplicate each early
east easy edit else email empty end ended english enter entered entry environment error even event every exact
exceeded except exception excellent exclude expected expired explain export extra fail failed failure fair fall false
fast february field file fill final find fine finish first five fix flag flat folder follow for forbidden forest form
format found four free friday from full function further gate gateway general german get give given global go gold
gone good grand gray great green grey group guide had half hand handle happened hard has have he head header health
heart held help here high hill him his hit hold home hook host hour house how html http however i id if image import
in inc included index info input inside int internal into invalid inventory is island issue it item its january job
json july june just keep kept key kind king know known lake large last late later law lease least left length less let
level light like limit limited line link list listed listing listings lite live load local location lock locked log
long look lost lot low machine made mail main make makes manual many map march mark market mass match may me mean
memory menu message method might mind mint minute miss missing mode model moment monday money month more most move
moved much must my name near need needs network never new next nice night no none nor north not note nothing november
now number object october of off offer ok old on once one online only open option or orange order orders original
other our out outside over own package page paid pair parcel park parked parse part parts pass past path pause pay
payment pending people per permission person phone photo pick picture pink place plan planned play please plugin point
poor port post postal pound power present press preview price private probably problem process product products
production profile proper provide proxy public publish published purple push put python quantity queue quick quite
rate raw read ready reason receive received record red refund refunded refused region reject remote remove removed
replace reply report request requests require required reset response rest restore result resume retry return returned
reverb right road room rose round row rule run running runtime said sale sales same sand sandbox saturday save saved
say school scope sea search second section see sell seller send sender sent september server service session set
settings ship shipped shipment shipping shop short should show side sign silver since site size skipped sku sky slow
small so sold some something song sort source south special spring square stack standard star start state statement
status step still stock stone stop stopped store street string strong style such summer sun sunday support sure sync
synced system table take taken talk tall tax tell test text than that the their them then there these they thing this
three through thursday time timeout title to today together token too took tool top total trace traceback track
tracking transaction transfer transport tree true try tuesday turn two type unauthorized unavailable unchanged under
unexpected unit united unknown until up update updated upper url use used user using valid value values various
version very via view wait waiting walk want warehouse warning was watch water way we web webhook wednesday week well
went were west what when where which while white who whole why wide wild will window winter wire with within without
wood word work worker world worth would write written wrong year yellow yes yet york you young your zero afghanistan
argentina australia austria belgium brazil britain bulgaria canada chile china colombia croatia cyprus czech denmark
england estonia finland france germany greece hungary iceland india indonesia ireland israel italy japan korea latvia
lithuania luxembourg malaysia malta mexico netherlands norway philippines poland portugal romania russia scotland
singapore slovakia slovenia spain sweden switzerland taiwan thailand turkey ukraine wales states kingdom republic
america american african asian canadian chinese french italian japanese mexican spanish swedish dutch european british
mr mrs ms dr herr frau van von de da del der la le les bin al st san functioning non
"""

_TRADE = """
acoustic action active akai alder alesis ampeg amp amplifier analog analogue antigua arturia ash audio aux baby bag
ball band banjo bar baritone baroque bass bassoon battery beat behringer bell bench bigsby binson bird birdseye bit
blackguard blade blend blonde body bone boost boss bound bow bowl bridge bright broadcaster bundle burst butterscotch
cab cabinet cable candy capo carbon case cedar cello charvel cherry chorus chrome clarinet classic clean cleartone
clip clone cobalt coil combo compressor concert condenser cone console contour cordoba corner cream crunch crystal
cutaway cymbal danelectro daw dean deck delay deluxe demo designer digital distortion dobro dot dreadnought drum drums
dual duesenberg duncan dunlop echo edition edge effect effects electric electro electronics elite ember emerald
epiphone ernie esp euro eurorack eventide exotic expander explorer expression eyelet facelift factory fender fiddle
filter finger fingerstyle flame flamed flight flute fly flying foot footswitch freq fret fretboard fretless fretted
fretwork fulltone fuse fuzz gain gauge gear gig gibson glarry gloss godin golden gretsch grip grunge guild guitar
guitars hammer hammond handmade hardshell hardtail hardware harmonica harmony harp head headphones headstock heavy
heritage hi-hat hollow hollowbody horn hot humbucker hybrid ibanez insert instrument interface isolator ivory jackson
jade jaguar jazz jazzmaster jet jimi jr jumbo junior kawai keeley keyboard kick kit knob korg kramer lace lacquer lap
larrivee lead leather legend leslie limited line linear lite loop loud lute mahogany mandolin maple marshall martin
master matte mesa metal metronome mic microphone mid midi mini mixer mod modern module modulation mojo moog monitor
mono motion mount mustang music musical natural neck neumann nickel novation nut nylon oak oboe octave olympic open
orchestra organ oscillator oud overdrive paddle pad pan panel parlor patch paul pearl pedal pedalboard pedals
percussion phaser piano piccolo pick pickguard pickup pickups pitch plate player plus polyphonic pop preamp precision
prewar pro processor prs quilt rack rainbow randall ranger reed refin refinished reissue relic resonator reverse
rhodes rhythm ribbon rickenbacker rig ring rock rocker roland rosewood rotary sample sampler sapphire satin sax
saxophone scale schecter screw semi sequencer seven seymour shell signal signature silverburst single sitar six slide
slim snare solid solo sonor soprano soul sound soundhole speaker special spruce squier staff stage stand steel
steinberger stereo stick sticks stomp strap strat stratocaster string strings studio subwoofer sunburst super
suspended sustain switch synth synthesizer tabla takamine tama taylor teal tele telecaster tenor thinline tobacco tom
tone toms top tortoise tour toy travel treble tremolo trombone trumpet tube tubes tuba tuner tuning turntable twin
ukulele ultra upright vibrato vinyl viola violin vintage vocal voice volume vox wah walnut warm warwick washburn wave
waveform wenge wharfedale whammy wurlitzer xylophone yamaha zildjian zebra zoom
"""

_PHRASES = " ".join(status.phrase for status in HTTPStatus)

WORDS = frozenset(fold(word) for word in (_COMMON + _TRADE + _PHRASES).split())
"""Folded."""

_GIVEN = """
aaron abigail adam adrian ahmed alan albert alejandro alex alexander alexandra alexis ali alice alicia alina allison
alma amanda amber amelia amir amy ana andrea andreas andrew angela anita ann anna anne anthony antonio arthur ashley
astrid audrey ava barbara beatrice ben benjamin bernard beth betty bob bradley brandon brenda brian bruce bryan
camille carl carla carlos carmen carol caroline catherine cecilia charles charlotte chloe chris christian christina
christine christopher cindy claire clara claudia colin connor craig cristina cynthia daniel daniela danielle david
debbie deborah denise dennis diana diane diego dmitri dominic donald donna dorothy douglas dylan edgar edith eduardo
edward eileen elena eli elisabeth elizabeth ella ellen elliot emil emily emma eric erica erik erin ethan eugene eva
evan evelyn fabian fatima felix fernando fiona florian frances francesca francis francisco frank franz fred frederick
friedrich gabriel gareth gary george gerald gina giovanni giulia gloria gordon grace greg gregory greta guillaume
gustav hanna hannah hans harold harriet harry hassan heather heidi heinrich helen helena helga henri henry hiroshi
howard hugo ian ibrahim ines ingrid irene isaac isabel isabella ivan jack jacob jacqueline jacques jake james jamie
jan jane janet janice jason javier jean jeff jeffrey jennifer jeremy jerry jesse jessica jill jim joan joanna joe joel
johan johann johannes john jonas jonathan jordan jorge jose joseph joshua joyce juan judith judy julia julian julie
jurgen justin karen karin karl kate katherine kathleen kathryn katie keith kelly ken kenneth kevin kim klaus kristen
kurt kyle lara larry lars laura lauren laurent lea leo leon leonard liam lily linda lisa logan louis louise luca lucas
lucia lucy luis luke lukas maja manuel marc marco marcus margaret maria marie marilyn mario marion markus martha mary
mateo mathieu matteo matthew max maxime megan mehmet melanie melissa mia michael michelle miguel mike mila mohamed
mohammed monica monika muhammad nadia nancy natalia natalie nathan neil nicholas nicole nina noah nora norman olaf
oliver olivia olga oscar otto pablo pamela patricia patrick paula pedro peggy peter philip philipp phillip pierre
rachel rafael ralph ramon raymond rebecca ricardo richard rita rob robert roberto robin roger roland ronald rosa ruth
ryan sabine sally sam samantha samuel sandra sara sarah sean sebastian sergio sharon sheila shirley silvia simon sofia
sonia sophia sophie stefan stephanie stephen steve steven stuart susan susanne sven sylvia tamara tanya teresa terry
theresa thomas tiffany tim timothy tina todd tom tommy tony tracy tyler ulrich ursula valentina valerie vanessa vera
veronica victor victoria viktor vincent virginia vivian walter wanda wayne wendy werner wilhelm william wolfgang
xavier yasmin yolanda yuki yusuf zachary zoe
"""

GIVEN_NAMES = frozenset(_GIVEN.split()) - WORDS
"""Given names that are common and no word of this trade."""

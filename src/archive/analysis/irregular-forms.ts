// English forms that a suffix stemmer cannot bring together (went, go), and everyday words for one thing (mum, mother). A table.

const groups = `
be been; become became; begin began begun; bend bent; bite bit bitten; blow blew blown; break broke broken; breed bred;
bring brought; build built; buy bought; catch caught; choose chose chosen; come came; deal dealt; dig dug; do done;
draw drew drawn; drink drank drunk; drive drove driven; eat ate eaten; fall fell fallen; feed fed; feel felt;
fight fought; find found; fly flew flown; forget forgot forgotten; forgive forgave forgiven; freeze froze frozen;
give gave given; go went gone goes; grow grew grown; hang hung; hear heard; hide hid hidden; hold held; keep kept;
know knew known; lead led; leave left; lend lent; lie lies lied; die dies died; tie ties tied; light lit; lose lost; make made; mean meant; meet met; pay paid;
ride rode ridden; ring rang rung; rise rose risen; run ran; say said; see saw seen; seek sought; sell sold; send sent;
sew sewn; shake shook shaken; shine shone; shoot shot; show shown; shrink shrank shrunk; sing sang sung; sink sank sunk;
sit sat; sleep slept; slide slid; speak spoke spoken; spend spent; spin spun; stand stood; steal stole stolen;
stick stuck; strike struck; swear swore sworn; sweep swept; swim swam swum; swing swung; take took taken;
teach taught; tear tore torn; tell told; think thought; throw threw thrown; understand understood; wake woke woken;
wear wore worn; weep wept; win won; write wrote written;
child children kid kids; man men; woman women; person people; foot feet; tooth teeth; mouse mice; goose geese;
wife wives; knife knives; wolf wolves; half halves; shelf shelves;
allergy allergies allergic; good better best; bad worse worst;
mother mom mum mommy mummy; father dad daddy; grandmother grandma granny; grandfather grandpa; photo photograph picture pic;
television tv; bicycle bike; telephone phone; refrigerator fridge; automobile car; birthday bday;
january jan; february feb; april apr; august aug; september sept sep; october oct; november nov; december dec`;

/** Each form to the first word of its group. */
export const irregularForms: ReadonlyMap<string, string> = new Map(
  groups.split(';').flatMap((group) => {
    const [base = '', ...forms] = group.trim().split(/\s+/);
    return forms.map((form): [string, string] => [form, base]);
  }),
);

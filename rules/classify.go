package rules

import (
	"cmp"
	"hash/maphash"
	"math/bits"
	"slices"

	"why401/parsers"
)

// A Classifier names causes by a Set. It belongs to one goroutine.
type Classifier struct {
	set     *Set
	memo    memo
	outline outline  // of the record in hand
	hay     *hay     // made of it
	at      span     // the words in it that decided
	hit     []uint64 // of each rule, whether it may hold

	all            bool // ask the rules though no gate is open
	asked          int  // rules before this one don't hold
	known, failure bool // whether failed has been asked of this record, and what it said
	dismissed      bool // its words are those of a name, or of a program that lets nobody in
}

// NewClassifier returns a Classifier for set.
func NewClassifier(set *Set) *Classifier {
	c := &Classifier{set: set, hit: make([]uint64, len(set.rules)/64+1), memo: memo{seed: maphash.MakeSeed()}}
	if set.index != nil { // a Set of no rules has none
		c.memo.seen = make([]uint64, len(set.index.first)/64+1)
	}
	return c
}

// Classify says whether r failed and why, from r alone; it sets every field of v.
// Where nothing failed, v.Cause is None. v.Evidence is not yet redacted;
// v.Candidates is shared with other verdicts and not to be written to.
func (c *Classifier) Classify(r *parsers.Record, v *Verdict) {
	*v = Verdict{}
	how := c.called(r)
	if how == 0 {
		return
	}
	text := c.read(r)
	rest := restOf(r, how)
	known := text.recall(r, rest)
	if known == nil {
		c.judge(r, how, text, v)
		known = text.keep(rest, v, c.at)
	}
	known.fill(v, text, &c.outline)
	presigned(r, v)
}

// judge is Classify of what isn't known from before, but for the evidence, whose
// place it leaves in c.at.
func (c *Classifier) judge(r *parsers.Record, how call, text *readText, v *Verdict) {
	c.at = span{}
	rule, at := c.find(r, how, text)
	if rule != nil {
		c.decide(r, rule, at, v)
		if v.Tier == TierWord && v.Cause > Unknown && rule.Source == "" { // how sure one's own rules are stands
			c.weigh(r, rule, v)
		}
	}
	if c.leftOpen(r) {
		if rule == nil {
			c.vote(r, v, enough)
		} else if v.Cause == Unknown && rule.Tier == TierWord {
			c.vote(r, v, plenty)
		}
	}
}

// leftOpen reports whether r says that somebody was refused.
func (c *Classifier) leftOpen(r *parsers.Record) bool {
	if c.dismissed && !turnsAway(r) || !c.failedOnce(r) || c.hay.reason.to == 0 {
		return false
	}
	if turnsAway(r) {
		return true
	}
	if c.foreign(r, None, c.hay.reason) || c.count(&c.set.texts, c.hay.reason, 1) > 0 || routine(r.Level) {
		return false
	}
	if r.Status < 400 && !c.hay.refused {
		if said, _ := c.set.failure.holds(r, c.hay); !said {
			return false
		}
	}
	return c.secured(r) && (warns(r.Level) || r.Status >= 400 || c.hay.refused) && !c.isAside(r)
}

// isAside is aside, which is noted as what was asked of r beside its words.
func (c *Classifier) isAside(r *parsers.Record) bool {
	c.hay.aside = asideOf(r)
	return c.hay.aside == isAside
}

// secured reports whether r is about who may enter.
func (c *Classifier) secured(r *parsers.Record) bool {
	in, _ := c.set.secured.holds(r, c.hay)
	if !in {
		in, _ = c.set.secured.holdsIn(c.hay, c.hay.logger)
	}
	return in
}

// securedWords say that an entry is about who may enter.
var securedWords = Condition{Field: "keywords", Op: Contains, Values: []string{
	"auth", "login", "logon", "log in", "signed in", "passw", "credential", "access token", "bearer", "jwt", "csrf", "xsrf",
	"oauth", "oidc", "openid", "saml", "sso", "ldap", "kerberos", "krb5", "gssapi", "spnego", "ntlm", "mfa", "otp", "2fa", "permission", "permitted",
	"forbid", "denied", "security", "api key", "apikey", "realm", "identity", "session cookie", "access control", "acl", "rbac",
}}

// weigh lowers the confidence of shared words that stand alone: on products that
// the rules didn't know, those were right nine times in ten where a second rule
// named the same cause and a status, level or challenge told that something
// failed, and three times in four where not. What speaks for another cause becomes
// a candidate; that a token is invalid is said whatever is wrong with it.
func (c *Classifier) weigh(r *parsers.Record, won *rule, v *Verdict) {
	const alone, doubted = 0.75, 0.7
	agreed := false
	var other *rule
	c.marked(max(c.asked, c.set.tiered[TierException]), c.set.tiered[TierWord], func(rule *rule) bool {
		same := rule.Cause == won.Cause
		switch {
		case rule == won || rule.Cause <= Unknown || same && agreed:
			return false
		case same:
		case other != nil || rule.Order >= broad || rule.Cause == InvalidToken ||
			slices.ContainsFunc(won.Also, func(a Candidate) bool { return a.Cause == rule.Cause }):
			return false
		}
		if _, ok := c.holds(rule, r); !ok {
			return false
		}
		if same {
			agreed = true
		} else {
			other = rule
		}
		return agreed && other != nil
	})
	told := r.Status >= 400 || r.Outcome == parsers.Failure || warns(r.Level) || len(r.Challenge) > 0
	if !agreed || !told {
		v.Confidence = min(v.Confidence, alone)
	}
	if other != nil {
		v.Confidence = min(v.Confidence, doubted)
		if v.Candidates == nil {
			v.Candidates = []Candidate{{v.Cause, v.Confidence}}
		}
		v.Candidates = append(v.Candidates, Candidate{other.Cause, other.Confidence / 2})
		slices.SortStableFunc(v.Candidates[1:], byWeight)
	}
	if v.Candidates != nil {
		v.Candidates[0].Weight = v.Confidence
	}
}

func byWeight(a, b Candidate) int { return cmp.Compare(b.Weight, a.Weight) }

// rule returns the rule that decides r, nil if none does.
func (c *Classifier) rule(r *parsers.Record) *rule {
	how := c.called(r)
	if how == 0 {
		return nil
	}
	rule, _ := c.find(r, how, c.read(r))
	return rule
}

// A call is what about a record makes that rules are asked.
type call uint8

const (
	byWords call = 1 << iota
	byStatus
	byAttr
	byQuery
)

// called returns what calls for rules, 0 if nothing does.
func (c *Classifier) called(r *parsers.Record) (how call) {
	s := c.set
	if r.Status < 1000 && s.statuses[r.Status/64]&(1<<(r.Status%64)) != 0 {
		how |= byStatus
	}
	for i := range r.Attrs {
		if s.rulesOf(r.Attrs[i].Key) != nil {
			how |= byAttr
			break
		}
	}
	if s.queries.open(query(r), wide) != shut {
		how |= byQuery
	}
	if how == 0 && (c.all || turnsAway(r) && len(message(r)) > 0 || c.open(r)) {
		how = byWords
	}
	return how
}

// read reads r's own words as rules see them.
func (c *Classifier) read(r *parsers.Record) *readText {
	c.outline.fill(r, c.set.numbers)
	return c.memo.read(&c.outline, c.set)
}

// find returns the rule that decides r, and the place of the words that did.
func (c *Classifier) find(r *parsers.Record, how call, text *readText) (*rule, span) {
	c.known, c.dismissed = false, false
	c.hay = &text.hay
	c.hay.extras, c.hay.aside = c.hay.extras[:0], unasked
	copy(c.hit, text.hit)
	if how&byStatus != 0 {
		c.mark(c.set.byStatus[r.Status])
	}
	if how&byAttr != 0 {
		c.markAttrs(r)
	}
	if how&byQuery != 0 {
		c.mark(c.set.byQuery)
	}
	if c.hay.refused = c.refused(r); c.hay.refused && c.hay.reason.to > 0 {
		c.mark(c.set.refusals)
	}
	return c.first(r)
}

// open reports whether words of r call for rules.
func (c *Classifier) open(r *parsers.Record) bool {
	g, enough := c.set.gate, wide
	failed, said := outcome(r)
	if failed {
		enough = ajar
	}
	how := g.open(message(r), enough)
	if how < enough && len(r.Code)+len(r.Logger)+len(r.ErrorType)+len(r.Challenge) > 0 {
		how = max(how, g.open(r.Code, enough), g.open(errorType(r), enough), g.open(r.Challenge, enough))
	}
	return how == wide || how == ajar && (failed || !said && c.set.complains(r))
}

func (c *Classifier) mark(rules []int32) {
	for _, i := range rules {
		c.hit[i/64] |= 1 << (i % 64)
	}
}

func (c *Classifier) markAttrs(r *parsers.Record) {
	for i := range r.Attrs {
		c.mark(c.set.rulesOf(r.Attrs[i].Key))
	}
}

// rulesOf returns the rules that are found by an attribute with this key.
func (s *Set) rulesOf(key []byte) []int32 {
	if !s.attrBits[keyHash(key)] {
		return nil
	}
	var lower [32]byte
	if key = lastKey(key); len(key) > len(lower) {
		return nil
	}
	for k, b := range key {
		if 'A' <= b && b <= 'Z' {
			b |= 0x20
		}
		lower[k] = b
	}
	return s.byAttr[string(lower[:len(key)])]
}

// lastKey is the last part of a key that holds dots.
func lastKey(key []byte) []byte {
	for i := len(key) - 1; i >= 0; i-- {
		if key[i] == '.' {
			return key[i+1:]
		}
	}
	return key
}

// first returns the first rule, of those marked, that holds. What a text says
// last of why, after a "because" or a colon, goes before the rest of it.
func (c *Classifier) first(r *parsers.Record) (*rule, span) {
	rule, at := c.firstOf(r, 0, len(c.set.rules))
	if rule != nil && rule.Cause != None && c.isAside(r) {
		c.dismissed = true
		return nil, span{}
	}
	if rule != nil && rule.Tier == TierWord && rule.Cause != None && c.hedged(at) {
		if other, there := c.firstOf(r, rule.place+1, c.set.tiered[TierWord]); other != nil && other.Cause != rule.Cause && other.Order < broad && !c.hedged(there) {
			rule, at = other, there
		}
	}
	if rule != nil {
		c.asked = rule.place
	}
	if rule == nil || rule.Cause == None || rule.Tier == TierCode || rule.Tier == TierStatus {
		return rule, at
	}
	for _, c.hay.why = range c.hay.whys[:c.hay.numWhy] {
		if at.from >= c.hay.why.from {
			break
		}
		c.hay.narrow = true
		why, there := c.firstOf(r, c.set.tiered[TierCode], c.set.tiered[rule.Tier])
		c.hay.narrow = false
		if why != nil && why.Order < broad {
			if why.Cause == rule.Cause || rule.Cause == AccountLockedOrDisabled && why.Cause == RateLimitedOrBlocked {
				break // what locked an account is the reason of its state
			}
			return why, there
		}
	}
	return rule, at
}

// broad is the order from which on rules say little more than that something was
// refused.
const broad = 660

// firstOf is first among the rules from number from on, up to number to.
func (c *Classifier) firstOf(r *parsers.Record, from, to int) (found *rule, at span) {
	c.marked(from, to, func(rule *rule) (ok bool) {
		if at, ok = c.holds(rule, r); ok {
			found = rule
		}
		return ok
	})
	return found, at
}

// marked calls ask with the rules that are marked, from number from on up to
// number to, until it returns true.
func (c *Classifier) marked(from, to int, ask func(*rule) bool) {
	for w := from / 64; w < len(c.hit) && w*64 < to; w++ {
		word := c.hit[w]
		if w == from/64 {
			word &^= 1<<(from%64) - 1
		}
		for ; word != 0; word &= word - 1 {
			if i := w*64 + bits.TrailingZeros64(word); i >= to || ask(c.set.rules[i]) {
				return
			}
		}
	}
}

func (c *Classifier) holds(rule *rule, r *parsers.Record) (at span, ok bool) {
	if rule.Cause != None && (rule.needsFailure() && !c.failedOnce(r) || rule.Tier < TierCode && r.Status == 404 && !c.secured(r)) {
		return span{}, false
	}
	for i := range rule.conds {
		ok, s := rule.meets(i, r, c.hay)
		if !ok {
			return span{}, false
		}
		if at == (span{}) {
			at = s
		}
	}
	if (rule.Tier == TierWord || rule.Tier == TierException) && rule.Cause != None && rule.Source == "" && (c.foreign(r, rule.Cause, at) || c.isName(r, at) || c.settled(r, at)) {
		return span{}, false
	}
	if rule.needsFailure() && (c.supposed(r, at) || worldly[rule.Cause] && !c.inContext(r)) {
		return span{}, false
	}
	return at, true
}

// supposed reports whether the words at stand behind an "if" in an entry that
// doesn't warn of anything: they tell what would happen.
func (c *Classifier) supposed(r *parsers.Record, at span) bool {
	if r.Status >= 400 || r.Outcome == parsers.Failure || warns(r.Level) || at.from >= c.hay.reason.to {
		return false
	}
	clause := c.hay.clause(span{at.from, at.from}, span{c.hay.reason.from, at.from})
	for _, word := range [...]string{"if", "unless", "whenever"} {
		if i := c.hay.index(word, clause.from, clause.to); i >= 0 && c.hay.edge[i+len(word)] {
			return true
		}
	}
	return false
}

// hedges stand before what may be so, where the text has said what is, squashed.
var hedges = [...]string{"may", "might", "mostlikely", "perhaps", "possibly", "probably", "e.g.", "forexample", "suchas", "makesure", "checkthat", "checkif"}

// hedged reports whether the words at stand behind such a word.
func (c *Classifier) hedged(at span) bool {
	if at.from >= c.hay.reason.to {
		return false
	}
	clause := c.hay.clause(span{at.from, at.from}, span{c.hay.reason.from, at.from})
	clause.to = at.to
	for _, word := range hedges {
		if i := c.hay.index(word, clause.from, clause.to); i >= 0 && c.hay.edge[i+len(word)] {
			return true
		}
	}
	return false
}

func (c *Classifier) decide(r *parsers.Record, rule *rule, at span, v *Verdict) {
	v.Cause, v.Confidence, v.Tier, v.Rule = rule.Cause, rule.Confidence, rule.Tier, rule.name
	if rule.Signal != NoSignal && len(r.Client) == 0 && len(r.Path) == 0 && len(r.RequestID) == 0 {
		v.Signal = rule.Signal
	}
	if rule.Cause == None {
		if v.Signal == NoSignal {
			*v = Verdict{}
		}
		return
	}
	c.at = at
	if len(rule.Also) > 0 {
		v.Candidates = append(append(make([]Candidate, 0, len(rule.Also)+1), Candidate{rule.Cause, rule.Confidence}), rule.Also...)
		slices.SortStableFunc(v.Candidates[1:], byWeight)
	}
}

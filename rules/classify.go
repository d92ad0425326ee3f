package rules

import (
	"bytes"
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

func (c *Classifier) failedOnce(r *parsers.Record) bool {
	if !c.known {
		c.known, c.failure = true, c.failed(r)
	}
	return c.failure
}

// failed reports whether r shows that something failed at all. Shared words need
// it: a text may talk of expired tokens for many reasons.
func (c *Classifier) failed(r *parsers.Record) bool {
	failed, said := outcome(r)
	if said && (failed || r.Outcome == parsers.Success) {
		return failed
	}
	if ok, _ := c.set.failure.holds(r, c.hay); ok {
		return !said || c.secured(r) // a form may be answered with 200 or 302 whatever became of the login
	}
	if said {
		return false
	}
	// What is expired, revoked or locked may be routine where the level says so.
	ok, _ := c.set.state.holds(r, c.hay)
	return ok && (len(r.Level) == 0 || r.Level[0]|0x20 == 'n') // notice
}

// outcome reports whether r failed, as far as something but its words says so.
func outcome(r *parsers.Record) (failed, said bool) {
	switch {
	case r.Outcome == parsers.Success:
		return false, true
	case r.Status >= 400, r.Outcome == parsers.Failure, warns(r.Level), len(errorType(r)) > 0:
		return true, true
	case 200 <= r.Status && r.Status < 400 && (len(r.Method) > 0 || len(r.Path) > 0): // else it may be a number of the product's own
		return false, true
	}
	return false, false
}

// complains reports whether r's words may say that something failed, before they
// are read as rules see them.
func (s *Set) complains(r *parsers.Record) bool {
	return s.fails.in(message(r)) || s.fails.in(r.Code) || s.fails.in(r.Challenge)
}

// failureWords say that something was refused or went wrong; stateWords that
// something is in a state that may be a reason. As all such lists they are compiled
// with the rules: run go generate after a change.
func failureWords(words lists) Condition {
	return Condition{Field: "keywords", Op: Contains, Values: append([]string{
		"fail", "denied", "deny", "reject", "refus", "invalid", "unauthori", "forbidden", "error", "exception", "mismatch",
		"not match", "not valid", "unsuccessful", "incorrect", "wrong", "not found", "not allowed", "unable", "could not",
		"cannot", "can't", "missing", "required", "requires", "empty", "too large", "no ", "lacks", "without", "exceeded",
		"illegal", "violat", "absent", "declined", "timed out", "timeout", "unavailable", "unknown", "malformed", "bad",
		"no such", "rejecting", "not ", "unsupported", "challenge", "too many", "was blocked", "panic", "out of bounds",
		"been used", "was disabled", "aborted", "halted", "disallow", "does not", "does not", "did not", "insufficient",
		"expects", "expected", "got ", "violation", "please", "must be", "need", "another", "differs", "already used",
		"outside", "seen before", "not_authed", "correct username", "correct password", "check your", "ahead of",
		"has been closed", "revocation list", "=false", "must change", "older than", "replay", "is expired", "has expired",
		"jwt expired", "was revoked", "been revoked", "is revoked", "is locked", "is disabled", "been disabled", "redeemed", "been consumed", "attempted",
		"disconnected from auth", "closed by auth", "have to be", "has to be", "must use", "must sign", "must log", "excessive", "corrupt", "tampered", "manipulated", "authfail",
	}, slices.Concat(words["wrong"], words["missing"], words["unknown"], words["unreachable"],
		words["wrong_abroad"], words["failed_abroad"], words["unknown_abroad"], words["missing_abroad"])...)}
}

var stateWords = Condition{Field: "keywords", Op: Contains, Values: []string{
	"expired", "revoked", "blocked", "locked", "disabled", "stale", "blacklisted", "inactive", "banned", "suspended", "deactivated",
	"frozen", "archived", "inactivated", "consumed", "lapsed", "unverified", "unconfirmed", "removed", "restricted", "throttl", "lockout",
}}

// refused reports whether r says that somebody was refused.
func (c *Classifier) refused(r *parsers.Record) bool {
	if turnsAway(r) || r.Outcome == parsers.Success {
		return r.Outcome != parsers.Success
	}
	ok, _ := c.set.refusal.holds(r, c.hay)
	return ok
}

// turnsAway reports whether r says by its status or outcome that somebody was refused.
func turnsAway(r *parsers.Record) bool {
	return r.Status == 401 || r.Status == 403 || r.Status == 407 || r.Outcome == parsers.Failure
}

var refusalWords = Condition{Field: "keywords", Op: Contains, Values: []string{
	"refused", "refusing", "rejected", "rejecting", "denied", "denying", "unauthori", "unauthenticated", "forbidden", "auth fail", "auth*failed",
	"login fail", "failed login", "not authorized", "not authenticated", "declined", "disallowed", "not have permission", "no permission",
	"lacks permission", "insufficient",
}}

// worldly are causes whose words other matters have too: packages have signatures,
// and clocks are set.
var worldly = [NumCauses]bool{InvalidSignature: true, ClockSkew: true, OIDCFlowFailure: true, NetworkPolicyBlock: true, UnknownKey: true}

// inContext reports whether r is about a request, a login or what is sent with them.
func (c *Classifier) inContext(r *parsers.Record) bool {
	if r.Status >= 400 || len(r.Client) > 0 || len(r.User) > 0 || len(r.Path) > 0 || r.Outcome != parsers.OutcomeUnknown {
		return true
	}
	ok, _ := c.set.context.holds(r, c.hay)
	if !ok {
		ok, _ = c.set.context.holdsIn(c.hay, c.hay.logger)
	}
	return ok
}

var contextWords = Condition{Field: "keywords", Op: Contains, Values: []string{
	"auth", "login", "logon", "log in", "sign in", "signin", "signed in", "password", "passw", "credential", "token", "jwt", "jws",
	"bearer", "user", "account", "session", "cookie", "api key", "apikey", "access key", "csrf", "xsrf", "oauth", "oidc", "openid", "saml", "sso",
	"ldap", "kerberos", "krb", "gss", "spnego", "ntlm", "mfa", "otp", "2fa", "client", "request", "caller", "principal", "identity", "role", "roles",
	"scope", "http", "header", "peer", "admin", "jwks", "kid", "iat", "nbf", "issuer", "audience", "webhook", "hmac", "rbac", "acl", "policy", "security",
	"assertion", "nonce", "digest", "signed", "signing", "publickey", "ssh", "sasl", "eap", "radius", "pam", "su", "sudo", "permissions", "subject", "tenant", "query", "guard",
	"topic", "grant", "callback", "pkce", "consent", "state parameter", "redirect", "iam", "certificate", "refused", "signatureexception", "secured", "resource", "namespace", "operation", "forbidden",
}}

// settled reports whether r says, as routine, that what failed was done another way,
// or tells of many tokens, logins or accounts: a request has one.
func (c *Classifier) settled(r *parsers.Record, at span) bool {
	if !routine(r.Level) || r.Status >= 400 || r.Outcome == parsers.Failure {
		return false
	}
	for at.to < c.hay.reason.to && !c.hay.edge[at.to] {
		at.to++
	}
	return c.count(&c.set.settled, c.hay.reason, 1) > 0 || bytes.HasSuffix(message(r), []byte(": ok")) || len(r.Client) == 0 && len(r.User) == 0 && c.count(&c.set.many, at, 1) > 0 && c.hay.index("toomany", 0, c.hay.reason.to) < 0
}

var manyWords = Condition{Field: "keywords", Op: Words, Values: []string{"tokens", "sessions", "accounts", "logins", "users", "passwords", "certificates", "clients", "requests"}}

var settledWords = Condition{Field: "keywords", Op: Contains, Values: []string{
	"refreshed", "refreshing", "renewed", "renewing", "reacquired", "reacquiring", "retry succeeded", "recovered", "restored", "approved",
	"resolved", "skipped for", "transparently", "falling back", "fell back", "reconnected",
	"switched to", "logged out", "removed", "deleted", "lifted", "cleared", "as expected", "stats", "statistics", "summary", "will be rejected", "will be refused", "will be denied", "are refused",
	"are rejected", "are answered", "are denied", "are deleted", "are locked", "are blocked", "is allowed", "access allowed", "by admin", "by the admin",
	"by operator", "by support", "by helpdesk", "by owner",
}}

// routine reports whether a level is one of what goes as it should.
func routine(level []byte) bool {
	if len(level) == 0 {
		return false
	}
	switch level[0] | 0x20 {
	case 'i', 'd', 't', 'v': // info, debug, trace, verbose
		return true
	}
	return false
}

// warns reports whether a level is that of a warning or worse.
func warns(level []byte) bool {
	if len(level) == 0 {
		return false
	}
	switch level[0] | 0x20 {
	case 'w', 'e', 'f', 'c', 'p', 'a': // warn, error, fatal, critical, crit, panic, alert
		return len(level) > 1 || level[0] == 'W' || level[0] == 'E' || level[0] == 'F'
	case 's': // severe
		return true
	}
	return len(level) == 2 && (level[0] == '4' || level[0] == '5' || level[0] == '6') && level[1] == '0' // bunyan, pino
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

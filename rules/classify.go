package rules

import (
	"math/bits"
	"slices"

	"why401/parsers"
)

// A Classifier names causes by a Set. It belongs to one goroutine.
type Classifier struct {
	set *Set
	hay hay
	hit []uint64 // of each rule, whether it may hold

	all            bool // ask the rules though no gate is open
	known, failure bool // whether failed has been asked of this record, and what it said
}

// NewClassifier returns a Classifier for set.
func NewClassifier(set *Set) *Classifier {
	return &Classifier{set: set, hit: make([]uint64, len(set.rules)/64+1), hay: hay{may: make([]uint64, set.patterns/64+1)}}
}

// Classify says whether r failed and why, from r alone; it sets every field of v.
// Where nothing failed, v.Cause is None. v.Evidence is not yet redacted.
func (c *Classifier) Classify(r *parsers.Record, v *Verdict) {
	*v = Verdict{}
	if rule, at := c.find(r); rule != nil {
		c.decide(r, rule, at, v)
	}
}

// rule returns the rule that decides r, nil if none does.
func (c *Classifier) rule(r *parsers.Record) *rule {
	rule, _ := c.find(r)
	return rule
}

// find returns the rule that decides r, and the place of the words that did.
func (c *Classifier) find(r *parsers.Record) (*rule, span) {
	s := c.set
	open := s.gate.open(message(r)) || s.gate.open(r.Code) || s.gate.open(errorType(r)) || s.gate.open(r.Challenge)
	byStatus := r.Status < 1000 && s.statuses[r.Status/64]&(1<<(r.Status%64)) != 0
	byAttr := false
	for i := range r.Attrs {
		if s.rulesOf(r.Attrs[i].Key) != nil {
			byAttr = true
			break
		}
	}
	byQuery := s.queries.open(query(r))
	if !open && !byStatus && !byAttr && !byQuery && !c.all {
		return nil, span{}
	}
	clear(c.hit)
	clear(c.hay.may)
	c.hay.fill(r)
	c.known = false
	s.index.scan(c.hay.text, c.hay.may, c.hit)
	if byStatus {
		c.mark(s.byStatus[r.Status])
	}
	if byAttr {
		c.markAttrs(r)
	}
	if byQuery {
		c.mark(s.byQuery)
	}
	return c.first(r)
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
	key = lastKey(key)
	var lower [32]byte
	if !s.attrBits[keyHash(key)] || len(key) > len(lower) {
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

// first returns the first rule, of those marked, that holds.
func (c *Classifier) first(r *parsers.Record) (*rule, span) {
	for w, word := range c.hit {
		for ; word != 0; word &= word - 1 {
			rule := c.set.rules[w*64+bits.TrailingZeros64(word)]
			if at, ok := c.holds(rule, r); ok {
				return rule, at
			}
		}
	}
	return nil, span{}
}

func (c *Classifier) holds(rule *rule, r *parsers.Record) (at span, ok bool) {
	for i := range rule.conds {
		ok, s := rule.conds[i].holds(r, &c.hay)
		if !ok {
			return span{}, false
		}
		if at == (span{}) {
			at = s
		}
	}
	if rule.Tier == TierWord && rule.Cause != None && !c.failedOnce(r) {
		return span{}, false
	}
	return at, true
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
	switch {
	case r.Outcome == parsers.Success:
		return false
	case r.Status >= 400 || r.Outcome == parsers.Failure || len(errorType(r)) > 0:
		return true
	case warns(r.Level):
		return true
	case 200 <= r.Status && r.Status < 400:
		return false
	}
	if ok, _ := c.set.failure.holds(r, &c.hay); ok {
		return true
	}
	// What is expired, revoked or locked may be routine where the level says so.
	ok, _ := c.set.state.holds(r, &c.hay)
	return ok && len(r.Level) == 0
}

// failureWords say that something was refused or went wrong; stateWords that
// something is in a state that may be a reason.
var failureWords = Condition{Field: "keywords", Op: Contains, Values: []string{
	"fail", "denied", "deny", "reject", "refus", "invalid", "unauthori", "forbidden", "error", "exception", "mismatch",
	"not match", "not valid", "unsuccessful", "incorrect", "wrong", "not found", "not allowed", "unable", "could not",
	"cannot", "can't", "missing", "required", "requires", "empty", "too large", "no ", "lacks", "without", "exceeded",
	"illegal", "violat", "absent", "declined", "timed out", "timeout", "unavailable", "unknown", "malformed", "bad",
	"no such", "rejecting", "not ", "unsupported", "challenge", "too many", "was blocked", "panic", "out of bounds",
	"been used", "was disabled", "aborted", "halted", "disallow", "does not", "doesnt", "did not", "insufficient",
	"expects", "expected", "got ", "violation", "please", "must be", "need", "another", "differs", "already used",
	"outside", "seen before", "not_authed", "correct username", "correct password", "check your", "ahead of",
	"has been closed", "revocation list", "=false", "must change", "older than", "replay", "is expired", "has expired",
	"jwt expired", "was revoked", "been revoked", "is revoked", "is locked", "is disabled", "been disabled",
}}

var stateWords = Condition{Field: "keywords", Op: Contains, Values: []string{
	"expired", "revoked", "blocked", "locked", "disabled", "stale", "blacklisted", "inactive", "banned", "suspended", "deactivated",
	"frozen", "archived", "unverified", "unconfirmed", "removed", "restricted", "throttl",
}}

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
	v.Evidence = c.hay.words(at.from, at.to)
	if len(rule.Also) > 0 {
		v.Candidates = append(append(make([]Candidate, 0, len(rule.Also)+1), Candidate{rule.Cause, rule.Confidence}), rule.Also...)
		slices.SortStableFunc(v.Candidates[1:], func(a, b Candidate) int {
			switch {
			case a.Weight > b.Weight:
				return -1
			case a.Weight < b.Weight:
				return 1
			}
			return 0
		})
	}
}

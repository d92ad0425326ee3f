package rules

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// A Rule says how to recognise one cause. Rules are asked in this order: tier,
// highest first; order, lowest first; confidence. The first that holds decides.
type Rule struct {
	ID         string // within its cause; "cause/id" is its name everywhere
	Cause      Cause  // None for rules that say that nothing failed
	Tier       Tier
	Order      int // 0 to 999; where a rule doesn't say, that of its cause (see causeOrder)
	Confidence float32
	Also       []Candidate // causes that the same words allow
	Signal     Signal
	Detection  []Condition // every one must hold
	Examples   []Example   // each must be won by this rule
	Negatives  []Example   // none may be won by this rule
	Source     string      // "file:line" of a user's rule
}

// Name is the rule's id with its cause's before it.
func (r *Rule) Name() string { return r.Cause.String() + "/" + r.ID }

// A Condition is one key of a detection: a field of the event, how to compare,
// and the values of which one (or, with All, each) must match.
type Condition struct {
	Field  string // "keywords", an ECS name, or "attr." and a dotted path
	Op     Op
	All    bool
	Not    bool
	Near   bool // in one clause with the condition before it
	Values []string

	gates []string // of a built-in rule's anchor: the words that its gate looks for
}

// Op is how a Condition compares.
type Op uint8

const (
	Equals Op = iota
	Contains
	StartsWith
	EndsWith
	Words // contains, and begins and ends at the ends of words
	Regexp
	Exists // the value is "true" or "false"
)

// An Example is one entry of a log.
type Example struct {
	Format string // as in --log-format; empty means detect
	Line   string
}

// An Info is what a cause's file says about the cause.
type Info struct {
	Cause      Cause
	Title      string
	Meaning    string
	Shows      string // how it shows in logs
	Client     string // what to do about it, for each who can
	Server     string
	Proxy      string
	References []string
}

// A Set is rules compiled; it is safe for concurrent use.
type Set struct {
	infos []Info // by cause
	rules []*rule

	tiered   [TierCode + 1]int // how many of rules are of a tier or higher
	index    *index
	numbers  *numbers // that patterns hold
	patterns int      // how many the index knows
	failure  cond     // words of failure, and of states that may be one
	state    cond
	fails    *index // words of either, in text as it stands
	refusal  cond   // words that say that somebody was refused
	context  cond   // words of whom or what is refused
	secured  cond   // words of entries about who may enter
	own      cond   // words that only this trade has
	actor    cond   // words for those who ask, and what they ask for
	ours     cond   // nouns of this trade
	texts    cond   // words of trades whose work is texts
	goods    cond   // and of trades with goods and machines
	settled  cond   // words that say that a failure is over
	outcome  cond   // words that say what came of a request
	many     cond   // words for many of what is one of a request's
	gate     *gate
	byStatus map[uint16][]int32
	byAttr   map[string][]int32 // by the last part of the path, lower case
	attrBits [256]bool          // which hashes of such parts occur
	statuses [1024 / 64]uint64  // which statuses have rules
	byQuery  []int32            // rules found by a word of the URL's query
	queries  *gate
	votes    func() votes // of all rules' words
	refusals []int32      // rules about whatever is named where somebody was refused
}

// Builtin returns the rules that are compiled in.
var Builtin = sync.OnceValue(func() *Set {
	if s := precompiled; s != nil {
		s.describe(builtinInfos)
		return s
	}
	s, err := NewSet(builtinInfos, builtinRules[:])
	if err != nil {
		panic(err) // a test compiles them
	}
	return s
})

// precompiled is what NewSet makes of the built-in rules, without what is said
// about causes; nil while zz_compiled.go is being made.
var precompiled *Set

// Rules returns the rules in the order in which they are asked.
func (s *Set) Rules() []*Rule {
	out := make([]*Rule, len(s.rules))
	for i, r := range s.rules {
		out[i] = r.Rule
	}
	return out
}

// Rule returns the rule with this name ("cause/id").
func (s *Set) Rule(name string) (*Rule, bool) {
	for _, r := range s.rules {
		if r.Name() == name {
			return r.Rule, true
		}
	}
	return nil, false
}

// Info returns what is known about c; None has nothing.
func (s *Set) Info(c Cause) Info {
	if int(c) < len(s.infos) {
		return s.infos[c]
	}
	return Info{Cause: c}
}

// causeOrder is the order in which causes are asked within a tier: a text that
// names two properties is about the one that stands first here. The network
// before the signature that it was needed for, the time before the signature
// ("signature has expired"), the key before the signature, the named before the
// generic.
var causeOrder = []Cause{
	None, BenignChallenge, IDPUnreachable, AuthorizerFailure, ServerMisconfiguration,
	MTLSClientCert, DigestStaleNonce, DigestReplay, MFAFailure,
	PasswordExpired, AccountLockedOrDisabled, APIKeyExpired, CSRFFailure,
	ExpiredSession, ClockSkew, ExpiredToken, RevokedToken,
	RateLimitedOrBlocked, NetworkPolicyBlock,
	WrongAudience, WrongIssuer, UnknownKey, AlgorithmNotAllowed, WrongTokenType, SignatureMismatch, InvalidSignature,
	InvalidClient, OIDCFlowFailure, SAMLFailure, KerberosNTLMFailure, CORSPreflight,
	APIKeyMissing, APIKeyInvalid, WrongScheme, MissingCredentials, MalformedHeader, MalformedToken,
	UnknownUser, BadCredentials, InsufficientPermission, InvalidToken,
	ProxyStrippedHeader, WrongEndpoint, OriginDenied, Unknown,
}

// orderOf is the order of a rule that doesn't name one.
func orderOf(c Cause) int { return 10 * (1 + slices.Index(causeOrder, c)) }

// usual is the confidence of a rule that doesn't name one, by tier.
var usual = [...]float32{TierStatus: 0.5, TierWord: 0.85, TierException: 0.92, TierCode: 0.95}

// describe tells s what is said about causes.
func (s *Set) describe(infos []Info) {
	s.infos = make([]Info, NumCauses)
	for _, in := range infos {
		s.infos[in.Cause] = in
	}
	s.votes = sync.OnceValue(s.count)
}

// NewSet compiles rules. Of two rules with one name the later replaces the
// earlier; one without a detection silences it.
func NewSet(infos []Info, list []Rule) (*Set, error) {
	s, err := newSet(list, builtinWords)
	if err == nil {
		s.describe(infos)
	}
	return s, err
}

// newSet is NewSet, with the lists of words.yaml, and without infos and votes.
func newSet(list []Rule, words lists) (*Set, error) {
	s := &Set{byStatus: map[uint16][]int32{}, byAttr: map[string][]int32{}, gate: &gate{}, queries: &gate{}}
	place := map[string]int{}
	for i := range list {
		r, err := compile(&list[i])
		if err != nil {
			return nil, fmt.Errorf("%srule %s: %w", list[i].where(), list[i].Name(), err)
		}
		if at, again := place[r.Name()]; again {
			s.rules[at] = r
			continue
		}
		place[r.Name()] = len(s.rules)
		s.rules = append(s.rules, r)
	}
	s.rules = slices.DeleteFunc(s.rules, func(r *rule) bool { return len(r.Detection) == 0 })
	slices.SortStableFunc(s.rules, func(a, b *rule) int {
		if a.Tier != b.Tier {
			return int(b.Tier) - int(a.Tier)
		}
		if a.Order != b.Order {
			return a.Order - b.Order
		}
		if a.Confidence != b.Confidence {
			if a.Confidence > b.Confidence {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name(), b.Name())
	})
	for _, r := range s.rules {
		for t := range r.Tier + 1 {
			s.tiered[t]++
		}
	}
	var patterns []pattern
	var anchored []int32
	take := func(rule int32, c *cond) {
		c.first = len(patterns)
		patterns = append(patterns, c.patterns...)
		for range c.patterns {
			anchored = append(anchored, rule)
		}
	}
	var errs []error
	for i, r := range s.rules {
		r.place = i
		slices.SortStableFunc(r.conds, func(a, b cond) int { return a.cost() - b.cost() })
		anchor := r.anchor()
		for k := range r.conds {
			rule := int32(-1)
			if &r.conds[k] == anchor {
				rule = int32(i)
			}
			take(rule, &r.conds[k])
		}
		if err := s.enter(int32(i), r, anchor); err != nil {
			errs = append(errs, fmt.Errorf("%srule %s: %w", r.where(), r.Name(), err))
		}
	}
	if errs != nil {
		return nil, errors.Join(errs...)
	}
	for _, own := range []struct {
		c     *cond
		words Condition
	}{
		{&s.failure, failureWords(words)}, {&s.state, stateWords}, {&s.refusal, refusalWords}, {&s.context, contextWords}, {&s.secured, securedWords},
		{&s.own, ownWords}, {&s.actor, actorWords}, {&s.ours, oursWords}, {&s.texts, textWords}, {&s.goods, goodsWords},
		{&s.settled, settledWords}, {&s.outcome, outcomeWords}, {&s.many, manyWords},
	} {
		var err error
		if *own.c, err = compileCondition(own.words); err != nil {
			return nil, err
		}
		take(-1, own.c)
	}
	opens := ajar
	for _, i := range s.refusals {
		if !s.rules[i].needsFailure() {
			opens = wide
		}
	}
	for _, v := range refusalWords.Values {
		s.gate.add(gateWord(v), opens)
	}
	s.patterns = len(patterns)
	s.index = newIndex(patterns, anchored)
	s.numbers = newNumbers(patterns)
	s.fails = newIndex(slices.Concat(s.failure.patterns, s.state.patterns), nil)
	return s, nil
}

func (r *Rule) where() string {
	if r.Source == "" {
		return ""
	}
	return r.Source + ": "
}

// needsFailure reports whether r holds only of what failed: shared words may be
// about many things.
func (r *Rule) needsFailure() bool { return r.Tier == TierWord && r.Cause != None }

// enter makes rule number i findable: by words, else by a refusal, by the URL's
// query, by an attribute's key, or by a status.
func (s *Set) enter(i int32, r *rule, anchor *cond) error {
	if anchor != nil {
		if r.Cause == None && r.Signal == NoSignal {
			return nil // it takes records from other rules, whose gates are open then
		}
		if c := r.refusal(); c != nil {
			for _, rg := range c.ranges {
				for st := rg[0]; st <= rg[1]; st++ {
					s.statuses[st/64] |= 1 << (st % 64)
				}
			}
			return nil
		}
		opens := wide
		if r.needsFailure() {
			opens = ajar
		}
		for _, w := range anchor.gates {
			s.gate.add(w, opens)
		}
		return nil
	}
	for k := range r.conds {
		if c := &r.conds[k]; c.field == fieldRefused && !c.Not {
			s.refusals = append(s.refusals, i)
			return nil
		}
	}
	for k := range r.conds {
		if c := &r.conds[k]; c.field == fieldQuery && !c.Not && c.Op == Contains {
			for _, v := range c.Values {
				if w := gateWord(v); w != "" {
					s.queries.add(w, wide)
				}
			}
			s.byQuery = append(s.byQuery, i)
			return nil
		}
	}
	for k := range r.conds {
		if c := &r.conds[k]; c.field == fieldAttr && !c.Not {
			key := strings.ToLower(c.path[strings.LastIndexByte(c.path, '.')+1:])
			if len(key) > 32 {
				return fmt.Errorf("%s: the last part of the path is too long", c.Field)
			}
			s.byAttr[key] = append(s.byAttr[key], i)
			s.attrBits[keyHash([]byte(key))] = true
			return nil
		}
	}
	for k := range r.conds {
		if c := &r.conds[k]; c.field == fieldStatus && !c.Not && len(c.ranges) > 0 {
			for _, rg := range c.ranges {
				for st := rg[0]; st <= rg[1]; st++ {
					s.byStatus[st] = append(s.byStatus[st], i)
					s.statuses[st/64] |= 1 << (st % 64)
				}
			}
			return nil
		}
	}
	return fmt.Errorf("needs keywords with a word of four letters each, an attribute or a status to be found by")
}

// refusal returns r's condition that the status be one of a few that refuse, which
// are rarer than most words; nil if it has none.
func (r *rule) refusal() *cond {
	for k := range r.conds {
		c := &r.conds[k]
		if c.field != fieldStatus || c.Not {
			continue
		}
		if !slices.ContainsFunc(c.ranges, func(rg [2]uint16) bool { return rg[0] < 400 || rg[0] != rg[1] }) {
			return c
		}
	}
	return nil
}

// keyHash spreads attribute keys over a small table by the last two bytes of their
// last part; it ignores case.
func keyHash(key []byte) uint8 {
	n := len(key)
	if n == 0 {
		return 0
	}
	h := (key[n-1] | 0x20) * 31
	if n > 1 && key[n-2] != '.' {
		h ^= (key[n-2] | 0x20) * 7
	}
	return h
}

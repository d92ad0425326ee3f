package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

type field uint8

const (
	fieldKeywords field = iota
	fieldReason
	fieldCode
	fieldErrorType
	fieldChallenge
	fieldLogger
	lastText = fieldLogger // fields up to here are compared squashed

	fieldStatus field = iota + 10
	fieldMethod
	fieldLevel
	fieldFormat
	fieldOutcome
	fieldPath
	fieldURL
	fieldQuery
	fieldUser
	fieldOrigin
	fieldCredentials
	fieldScheme
	fieldOriginal
	fieldRefused
	fieldAlternatives
	fieldAttr
)

// fields are the names that a detection may use.
var fields = map[string]field{
	"keywords":                              fieldKeywords, // anything the server said: the next four together
	"event.reason":                          fieldReason,
	"error.code":                            fieldCode,
	"error.type":                            fieldErrorType,
	"http.response.header.www-authenticate": fieldChallenge,
	"log.logger":                            fieldLogger,
	"event.original":                        fieldOriginal, // the whole entry, which clients write too: only beside other conditions
	"http.response.status_code":             fieldStatus,
	"http.request.method":                   fieldMethod,
	"log.level":                             fieldLevel,
	"why401.format":                         fieldFormat,
	"event.outcome":                         fieldOutcome,
	"url.path":                              fieldPath, // for a product's own routes
	"url.original":                          fieldURL,
	"url.query":                             fieldQuery,
	"user.name":                             fieldUser,
	"http.request.header.origin":            fieldOrigin,
	"http.request.header.authorization":     fieldCredentials, // absent, present or unknown
	"http.request.header.authorization.scheme": fieldScheme,
	"why401.refused":      fieldRefused,      // true: by its status, outcome or words somebody was refused
	"why401.alternatives": fieldAlternatives, // true: the text lists several things that may be wrong with a token
}

// A rule is a Rule compiled.
type rule struct {
	*Rule
	name  string
	conds []cond
	place int // in the order in which rules are asked
}

type cond struct {
	Condition
	field    field
	path     string
	patterns []pattern
	first    int         // number of the first of them in the set
	ranges   [][2]uint16 // statuses
	lower    []string
	regexps  []*expression
}

func compile(r *Rule) (*rule, error) {
	if r.Confidence == 0 {
		r.Confidence = usual[r.Tier]
	}
	if r.Order == 0 {
		r.Order = orderOf(r.Cause)
	}
	out := &rule{Rule: r, name: r.Name()}
	for _, c := range r.Detection {
		cc, err := compileCondition(c)
		if err != nil {
			return nil, err
		}
		for i := range cc.patterns {
			cc.patterns[i].whole = r.Tier == TierCode
		}
		out.conds = append(out.conds, cc)
	}
	return out, nil
}

func compileCondition(c Condition) (cond, error) {
	out := cond{Condition: c}
	path, isAttr := strings.CutPrefix(c.Field, "attr.")
	f, known := fields[c.Field]
	switch {
	case isAttr:
		out.field, out.path = fieldAttr, strings.ToLower(path)
	case known:
		out.field = f
	default:
		return out, fmt.Errorf("unknown field %q", c.Field)
	}
	if out.field <= lastText {
		out.patterns = make([]pattern, 0, len(c.Values))
	}
	if len(c.Values) == 0 {
		return out, fmt.Errorf("%s has no value", c.Field)
	}
	for _, v := range c.Values {
		switch {
		case c.Op == Regexp:
			out.regexps = append(out.regexps, &expression{source: v})
		case c.Op == Exists:
			if v != "true" && v != "false" {
				return out, fmt.Errorf("%s|exists is true or false, not %q", c.Field, v)
			}
		case out.field == fieldStatus:
			r, err := statusRange(v)
			if err != nil {
				return out, err
			}
			out.ranges = append(out.ranges, r)
		case out.field <= lastText:
			p := newPattern(v, c.Op == Words)
			if len(p.parts) == 0 {
				return out, fmt.Errorf("%s: %q has nothing to look for", c.Field, v)
			}
			out.patterns = append(out.patterns, p)
		default:
			out.lower = append(out.lower, strings.ToLower(v))
		}
	}
	return out, nil
}

// An expression is compiled at its first use; reading the rules has checked it.
type expression struct {
	source string
	once   sync.Once
	re     *regexp.Regexp
}

func (e *expression) match(b []byte) bool {
	e.once.Do(func() { e.re = regexp.MustCompile("(?is)" + e.source) })
	return e.re.Match(b)
}

// statusRange reads "401" or "4xx".
func statusRange(v string) ([2]uint16, error) {
	if len(v) == 3 && strings.HasSuffix(v, "xx") && '1' <= v[0] && v[0] <= '9' {
		n := uint16(v[0]-'0') * 100
		return [2]uint16{n, n + 99}, nil
	}
	n, err := strconv.ParseUint(v, 10, 16)
	if err != nil || n > 999 {
		return [2]uint16{}, fmt.Errorf("%q is no status", v)
	}
	return [2]uint16{uint16(n), uint16(n)}, nil
}

// cost says which of a rule's conditions is asked first: one that looks at a field
// of few values, then those that the index knows of, expressions last.
func (c *cond) cost() int {
	switch {
	case c.Op == Regexp:
		return 3
	case c.field <= lastText:
		return 1
	case c.field == fieldStatus, c.field == fieldLevel, c.field == fieldOutcome, c.field == fieldRefused, c.field == fieldMethod:
		return 0
	}
	return 2
}

// anchor returns the condition whose patterns the index looks for: one that must
// hold, of which every pattern is long enough for index and gate; of several the
// one whose words are rarest.
func (r *rule) anchor() *cond {
	var best *cond
	least := 1 << 30
	for i := range r.conds {
		c := &r.conds[i]
		if c.gates != nil && best == nil {
			return c // a built-in rule's, found ahead
		}
		if c.field > fieldChallenge || c.Not || c.Op == Regexp || c.Op == Exists {
			continue
		}
		if gates, common := c.gateWords(); gates != nil && common < least {
			if best != nil {
				best.gates = nil
			}
			best, least = c, common
			best.gates = gates
		}
	}
	return best
}

// gateWords returns the words by which a gate finds c's patterns, and how many of
// the patterns have but a common one; nil if some pattern can't be found so.
func (c *cond) gateWords() (gates []string, common int) {
	for k := range c.patterns {
		n := 0
		for _, part := range c.patterns[k].parts {
			n = max(n, len(part))
		}
		w := gateWord(c.Values[k])
		if n < 4 || w == "" {
			return nil, 0
		}
		if plain()[w] {
			common++
		}
		if !slices.Contains(gates, w) {
			gates = append(gates, w)
		}
	}
	return gates, common
}

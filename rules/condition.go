package rules

import (
	"bytes"
	"math/bits"
	"slices"

	"why401/parsers"
)

// Whether what a condition asks for holds of a record.

// query returns what follows the '?' of the URL.
func query(r *parsers.Record) []byte {
	if i := bytes.IndexByte(r.URL, '?'); i >= 0 {
		return r.URL[i+1:]
	}
	return nil
}

// holds reports whether the record says what c asks for. Where the text decided
// it returns its place.
func (c *cond) holds(r *parsers.Record, h *hay) (ok bool, at span) {
	ok, at = c.says(r, h)
	if a := (extra{c, ok}); c.strays() && !slices.Contains(h.extras, a) {
		h.extras = append(h.extras, a)
	}
	return ok, at
}

// says is holds, which isn't noted.
func (c *cond) says(r *parsers.Record, h *hay) (ok bool, at span) {
	if c.All {
		for i := range max(len(c.patterns), len(c.lower), len(c.regexps)) {
			var one bool
			if one, at = c.holdsOne(r, h, i); !one {
				return c.Not, span{}
			}
		}
		return !c.Not, at
	}
	if c.field == fieldRefused {
		return h.refused == !c.Not, span{}
	}
	if c.field == fieldAlternatives {
		at, ok = h.alternatives()
		return ok == !c.Not, at
	}
	if c.Op == Exists {
		return c.exists(r, h) == (c.Values[0] == "true"), span{}
	}
	if c.field == fieldStatus {
		for _, rg := range c.ranges {
			if rg[0] <= r.Status && r.Status <= rg[1] {
				return !c.Not, span{}
			}
		}
		return c.Not, span{}
	}
	for i := c.next(h, 0); i >= 0; i = c.next(h, i+1) {
		if ok, at = c.holdsOne(r, h, i); ok {
			return !c.Not, at
		}
	}
	for i := range max(len(c.lower), len(c.regexps)) {
		if c.raw(r, i) {
			return !c.Not, span{}
		}
	}
	return c.Not, span{}
}

// strays reports whether c asks for more of a record than its outline and its rest.
func (c *cond) strays() bool {
	switch c.field {
	case fieldQuery, fieldOrigin, fieldOriginal, fieldAttr:
		return true
	case fieldPath, fieldURL, fieldUser:
		return c.Op != Exists
	}
	return c.field <= lastText && c.Op == Regexp
}

func (c *cond) holdsOne(r *parsers.Record, h *hay, i int) (bool, span) {
	if c.field > lastText || c.Op == Regexp {
		return c.raw(r, i), span{}
	}
	in := c.span(h)
	if id := c.first + i; h.may[id/64]&(1<<(id%64)) == 0 {
		return false, span{}
	}
	p := &c.patterns[i]
	switch c.Op {
	case Contains, Words:
		s, ok := p.find(h, in)
		return ok, s
	case StartsWith, Equals:
		if in.to-in.from < len(p.parts[0]) || string(h.text[in.from:in.from+len(p.parts[0])]) != p.parts[0] {
			return false, span{}
		}
		s, ok := p.matchAt(h, in.from, in.to)
		return ok && (c.Op == StartsWith || s.to == in.to), s
	case EndsWith:
		last := p.parts[len(p.parts)-1]
		if !bytes.HasSuffix(h.text[in.from:in.to], []byte(last)) {
			return false, span{}
		}
		s, ok := p.find(h, in)
		return ok, span{s.from, in.to}
	}
	return false, span{}
}

// meets reports whether condition i of the rule holds, and where. One that
// another must stand near to is left to that one.
func (rule *rule) meets(i int, r *parsers.Record, h *hay) (ok bool, at span) {
	switch c := &rule.conds[i]; {
	case c.Near:
		at, ok = c.near(&rule.conds[i-1], h)
		return ok, at
	case i+1 < len(rule.conds) && rule.conds[i+1].Near:
		return true, span{}
	default:
		return c.holds(r, h)
	}
}

// holdsIn is holds for one span of the text.
func (c *cond) holdsIn(h *hay, in span) (ok bool, at span) {
	for i := c.next(h, 0); i >= 0; i = c.next(h, i+1) {
		if at, ok = c.patterns[i].find(h, in); ok {
			return true, at
		}
	}
	return false, span{}
}

// next returns the first of c's patterns, from the one at i on, that may stand in
// the text, -1 if there is none.
func (c *cond) next(h *hay, i int) int {
	for id, end := c.first+i, c.first+len(c.patterns); id < end; id = id&^63 + 64 {
		if word := h.may[id/64] >> (id % 64); word != 0 {
			if id += bits.TrailingZeros64(word); id >= end {
				break
			}
			return id - c.first
		}
	}
	return -1
}

// near returns where a pattern of before and one of c stand in one clause.
func (c *cond) near(before *cond, h *hay) (span, bool) {
	in := before.span(h)
	if c.next(h, 0) < 0 {
		return span{}, false
	}
	for i := before.next(h, 0); i >= 0; i = before.next(h, i+1) {
		p := &before.patterns[i]
		rest := in
		for range 16 { // a text that repeats one word more often says nothing more
			at, ok := p.find(h, rest)
			if !ok {
				break
			}
			rest.from = at.to
			if h.modifies(at.to) {
				continue
			}
			clause := h.clause(at, in)
			if h.isKey(at.to) {
				clause = h.value(at.to, clause)
			}
			for k := c.next(h, 0); k >= 0; k = c.next(h, k+1) {
				if s, ok := c.patterns[k].find(h, clause); ok {
					return span{min(s.from, at.from), max(s.to, at.to)}, true
				}
			}
		}
	}
	return span{}, false
}

func (c *cond) span(h *hay) span {
	if h.narrow && !c.Not && c.field <= fieldReason {
		return h.why
	}
	switch c.field {
	case fieldReason:
		return h.reason
	case fieldCode:
		return h.code
	case fieldErrorType:
		return h.errorType
	case fieldChallenge:
		return h.challenge
	case fieldLogger:
		return h.logger
	}
	return h.keywords()
}

// raw compares a field as it stands, in any case of letters.
func (c *cond) raw(r *parsers.Record, i int) bool {
	if c.field == fieldAttr {
		for k := range r.Attrs {
			if a := &r.Attrs[k]; a.Kind != parsers.Object && pathIs(r, k, c.path) && c.compare(a.Value, i) {
				return true
			}
		}
		return false
	}
	return c.compare(c.value(r), i)
}

var (
	outcomes   = [...][]byte{parsers.OutcomeUnknown: nil, parsers.Success: []byte("success"), parsers.Failure: []byte("failure")}
	sents      = [...][]byte{parsers.SentUnknown: []byte("unknown"), parsers.SentAbsent: []byte("absent"), parsers.SentPresent: []byte("present")}
	textFormat = []byte("text")
)

// value returns a field as it stands.
func (c *cond) value(r *parsers.Record) []byte {
	switch c.field {
	case fieldKeywords, fieldReason:
		return message(r)
	case fieldCode:
		return r.Code
	case fieldErrorType:
		return r.ErrorType
	case fieldChallenge:
		return r.Challenge
	case fieldLogger:
		return r.Logger
	case fieldMethod:
		return r.Method
	case fieldLevel:
		return r.Level
	case fieldPath:
		return r.Path
	case fieldURL:
		return r.URL
	case fieldQuery:
		return query(r)
	case fieldUser:
		return r.User
	case fieldOrigin:
		return r.Origin
	case fieldScheme:
		return r.Scheme
	case fieldOriginal:
		return r.Text
	case fieldFormat:
		if r.Format == nil {
			return textFormat
		}
		return []byte(r.Format.Name)
	case fieldOutcome:
		return outcomes[r.Outcome]
	case fieldCredentials:
		return sents[r.Sent]
	}
	return nil
}

func (c *cond) compare(v []byte, i int) bool {
	if c.Op == Regexp {
		return c.regexps[i].match(v[:min(len(v), maxText)])
	}
	want := c.lower[i]
	switch c.Op {
	case Equals:
		return len(v) == len(want) && equalFold(v, want)
	case StartsWith:
		return len(v) >= len(want) && equalFold(v[:len(want)], want)
	case EndsWith:
		return len(v) >= len(want) && equalFold(v[len(v)-len(want):], want)
	case Contains, Words:
		for from := 0; from+len(want) <= min(len(v), maxText); from++ {
			if equalFold(v[from:from+len(want)], want) {
				return true
			}
		}
	}
	return false
}

func (c *cond) exists(r *parsers.Record, h *hay) bool {
	switch {
	case c.field == fieldStatus:
		return r.Status != 0
	case c.field == fieldAttr:
		for k := range r.Attrs {
			if pathIs(r, k, c.path) && len(r.Attrs[k].Value) > 0 && r.Attrs[k].Kind != parsers.Null {
				return true
			}
		}
		return false
	}
	return len(c.value(r)) > 0
}

// pathIs reports whether the dotted path of attribute k is path, or ends with
// it: envelopes that others put around an entry don't matter. A key may hold dots
// itself. path is in lower case.
func pathIs(r *parsers.Record, k int, path string) bool {
	for {
		key := r.Attrs[k].Key
		if len(key) >= len(path) {
			rest := len(key) - len(path)
			return (rest == 0 || key[rest-1] == '.') && equalFold(key[rest:], path)
		}
		rest := len(path) - len(key)
		if path[rest-1] != '.' || !equalFold(key, path[rest:]) {
			return false
		}
		path = path[:rest-1]
		// Members of an array have no key of their own: they stand for it.
		for k = int(r.Attrs[k].Parent); k >= 0 && len(r.Attrs[k].Key) == 0; k = int(r.Attrs[k].Parent) {
		}
		if k < 0 || k >= len(r.Attrs) {
			return false
		}
	}
}

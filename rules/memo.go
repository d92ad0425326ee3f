package rules

import (
	"bytes"
	"hash/maphash"

	"why401/parsers"
)

// A memo keeps what rules saw in texts, and said of them, by their outlines: logs
// repeat their sentences. Its answers are those of reading the text anew.
type memo struct {
	seed  maphash.Seed
	texts [128][2]*readText // by hash; of two the one asked last stands first
	long  readText          // what isn't kept
	seen  []uint64          // memory for the index
}

// A readText is an outline as rules see it, looked through by the index.
type readText struct {
	hay
	ends [numParts]int // of the outline's fields
	hit  []uint64      // of each rule, whether words that it is found by stand there
	told []told        // the oldest is at next, once there are maxTold
	next int
}

const (
	maxMemo   = 2048 // bytes of an outline that is kept
	maxTold   = 16   // verdicts on a text
	maxExtras = 16   // conditions that one of them depends on
)

// read returns o as rules of s see it, valid until the next call.
func (m *memo) read(o *outline, s *Set) *readText {
	t := &m.long
	if len(o.text) <= maxMemo {
		at := &m.texts[maphash.Bytes(m.seed, o.text)%uint64(len(m.texts))]
		if at[0].is(o) {
			return at[0]
		}
		at[0], at[1] = at[1], at[0]
		if at[0].is(o) {
			return at[0]
		}
		if at[0] == nil {
			at[0] = &readText{}
		}
		t = at[0]
	}
	t.fill(o)
	t.ends, t.told, t.next = o.ends, t.told[:0], 0
	if t.may == nil {
		t.may, t.hit = make([]uint64, s.patterns/64+1), make([]uint64, len(s.rules)/64+1)
	}
	clear(t.may)
	clear(t.hit)
	s.index.scan(t.text, t.edge, t.may, t.hit, m.seen)
	return t
}

// is reports whether t was read from o.
func (t *readText) is(o *outline) bool {
	return t != nil && t.ends == o.ends && bytes.Equal(t.raw, o.text)
}

// A told verdict holds for all entries with its text and rest of which the
// conditions that asked for more say the same.
type told struct {
	rest    rest
	extras  []extra
	aside   answer
	verdict Verdict
	at      span // of the words that decided
}

// An extra is what a condition said that asks for more than an outline and a rest.
type extra struct {
	cond *cond
	said bool
}

// An answer is what aside says of a record, if it has been asked.
type answer uint8

const (
	unasked answer = iota
	isAside
	isNotAside
)

func asideOf(r *parsers.Record) answer {
	if aside(r) {
		return isAside
	}
	return isNotAside
}

// A rest is what rules ask of a record beside its words, as far as it is of few
// values. The zero rest is none.
type rest struct {
	known         bool
	how           call
	status        uint16
	outcome       parsers.Outcome
	sent          parsers.Sent
	has           uint8 // which fields aren't empty
	format        *parsers.Parser
	level, method [12]byte
	scheme        [20]byte
}

// restOf returns r's, the zero rest if it isn't known by so little.
func restOf(r *parsers.Record, how call) (out rest) {
	if how&byAttr != 0 || len(r.Level) > len(out.level) || len(r.Method) > len(out.method) || len(r.Scheme) > len(out.scheme) {
		return out
	}
	out = rest{known: true, how: how, status: r.Status, outcome: r.Outcome, sent: r.Sent, format: r.Format}
	for i, f := range [...][]byte{r.Client, r.User, r.Path, r.URL, r.RequestID, r.ErrorType} {
		if len(f) > 0 {
			out.has |= 1 << i
		}
	}
	copy(out.level[:], r.Level)
	copy(out.method[:], r.Method)
	copy(out.scheme[:], r.Scheme)
	return out
}

// recall returns what was said of records like r, whose rest is in; nil if nothing was.
func (t *readText) recall(r *parsers.Record, in rest) *told {
	if !in.known {
		return nil
	}
next:
	for i := range t.told {
		k := &t.told[i]
		if k.rest != in {
			continue
		}
		if k.aside != unasked && k.aside != asideOf(r) {
			continue
		}
		for _, a := range k.extras {
			if said, _ := a.cond.says(r, &t.hay); said != a.said {
				continue next
			}
		}
		return k
	}
	return nil
}

// keep keeps what was said of a record with this rest, without evidence.
func (t *readText) keep(in rest, v *Verdict, at span) *told {
	new := told{rest: in, aside: t.aside, verdict: *v, at: at}
	switch {
	case !in.known || len(t.extras) > maxExtras:
		return &new
	case len(t.told) < maxTold:
		t.told = append(t.told, told{})
		t.next = len(t.told) - 1
	default:
		t.next = (t.next + 1) % maxTold
	}
	k := &t.told[t.next]
	new.extras = append(k.extras[:0], t.extras...)
	*k = new
	return k
}

// fill makes v what was told, with the words of the record at hand.
func (k *told) fill(v *Verdict, t *readText, o *outline) {
	if words := t.words(k.at.from, k.at.to, o); string(words) != k.verdict.Evidence {
		k.verdict.Evidence = string(words)
	}
	*v = k.verdict
}

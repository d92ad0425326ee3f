package rules

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
)

// gap is how many squashed bytes a '*' in a pattern may stand for; never a newline.
const gap = 40

// A pattern is a text to find: parts that follow one another within gap bytes,
// each at the beginning of a word.
type pattern struct {
	parts   []string // squashed
	inWord  bool     // both ends must be ends of words
	name    string   // not empty: it must stand as written, in any case if it has no capital
	whole   bool     // a name that is no part of a longer one
	capital bool     // the name has capitals
	anchor  int      // of the parts, the one that the index looks for
	offset  int      // of the index's four bytes in that part
}

func newPattern(s string, words bool) pattern {
	p := pattern{inWord: words}
	if !words && !strings.ContainsAny(s, " *") && strings.ContainsAny(s, "_ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		p.name, p.capital = s, strings.ContainsAny(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	}
	for part := range strings.SplitSeq(s, "*") {
		if part = squash(part); part != "" {
			p.parts = append(p.parts, part)
		}
	}
	return p
}

// find returns where p stands in h.text[in.from:in.to].
func (p *pattern) find(h *hay, in span) (span, bool) {
	if len(p.parts) == 0 {
		return span{}, false
	}
	for from := in.from; ; from++ {
		if from = h.index(p.parts[0], from, in.to); from < 0 {
			return span{}, false
		}
		if s, ok := p.matchAt(h, from, in.to); ok {
			return s, true
		}
	}
}

// index returns where part begins, at the beginning of a word, in
// h.text[from:to], or -1.
func (h *hay) index(part string, from, to int) int {
	for {
		i := bytes.Index(h.text[from:to], []byte(part))
		if i < 0 || h.edge[from+i] {
			if i >= 0 {
				i += from
			}
			return i
		}
		from += i + 1
	}
}

// matchAt matches p where its first part, which stands at from, begins.
func (p *pattern) matchAt(h *hay, from, limit int) (span, bool) {
	to := from + len(p.parts[0])
	for _, part := range p.parts[1:] {
		i := h.index(part, to, min(limit, to+gap+len(part)))
		if i < 0 || bytes.IndexByte(h.text[to:i], '\n') >= 0 {
			return span{}, false
		}
		to = i + len(part)
	}
	if p.inWord && to < len(h.text) && !h.edge[to] {
		return span{}, false
	}
	if p.name != "" && !p.written(h, from, to) {
		return span{}, false
	}
	return span{from, to}, true
}

// written reports whether text[from:to] is the pattern's name as written: a
// code or a class that only sounds like these words is none.
func (p *pattern) written(h *hay, from, to int) bool {
	a, z := int(h.at[from]), int(h.at[to-1])+1
	raw := h.raw[a:z]
	if p.capital && string(raw) != p.name || !p.capital && !(len(raw) == len(p.name) && equalFold(raw, p.name)) {
		return false
	}
	part := func(c byte) bool { return isAlnum(c) || c == '_' }
	return !p.whole || (a == 0 || !part(h.raw[a-1])) && (z == len(h.raw) || !part(h.raw[z]))
}

// An index finds which rules may hold: each pattern that anchors a rule is
// entered under four of its bytes, the rarest among all patterns.
type index struct {
	bits  [1 << 16 / 64]uint64 // which hashes of four bytes occur at all
	slots []slot               // open addressing; the zero slot is empty
	shift uint
	entry []entry
}

type slot struct {
	gram        uint32
	first, next int32 // entries[first:next]
}

type entry struct {
	part   string
	offset int
	rule   int32
}

func gramAt(s string, i int) uint32 {
	return uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16 | uint32(s[i+3])<<24
}

func hash16(gram uint32) uint32 { return gram * 0x9E3779B1 >> 16 }

// anchors lists the patterns that find rule number rule.
type anchors struct {
	rule     int32
	patterns []pattern
}

func newIndex(all []anchors) *index {
	seen := map[uint32]int{}
	for _, a := range all {
		for _, p := range a.patterns {
			for _, part := range p.parts {
				for i := 0; i+4 <= len(part); i++ {
					seen[gramAt(part, i)]++
				}
			}
		}
	}
	byGram := map[uint32][]entry{}
	n := 0
	for _, a := range all {
		for _, p := range a.patterns {
			best, e := 1<<30, entry{rule: a.rule}
			for _, part := range p.parts {
				for i := 0; i+4 <= len(part); i++ {
					// Of grams equally rare the one of the longer part tells more.
					if c := seen[gramAt(part, i)]*64 - min(63, len(part)); c < best {
						best, e.part, e.offset = c, part, i
					}
				}
			}
			if e.part == "" {
				continue
			}
			byGram[gramAt(e.part, e.offset)] = append(byGram[gramAt(e.part, e.offset)], e)
			n++
		}
	}
	x := &index{shift: 32 - 4, entry: make([]entry, 0, n)}
	for size := 16; size < 2*len(byGram); size *= 2 {
		x.shift--
	}
	x.slots = make([]slot, 1<<(32-x.shift))
	for gram, es := range byGram {
		h := hash16(gram)
		x.bits[h/64] |= 1 << (h % 64)
		i := gram * 0x9E3779B1 >> x.shift
		for x.slots[i].next != 0 {
			i = (i + 1) & uint32(len(x.slots)-1)
		}
		first := int32(len(x.entry))
		x.entry = append(x.entry, es...)
		x.slots[i] = slot{gram, first, int32(len(x.entry))}
	}
	return x
}

// scan sets the bit of every rule of which an anchor stands in text.
func (x *index) scan(text []byte, hit []uint64) {
	for i := 0; i+4 <= len(text); i++ {
		gram := binary.LittleEndian.Uint32(text[i:])
		if h := hash16(gram); x.bits[h/64]&(1<<(h%64)) == 0 {
			continue
		}
		for k := gram * 0x9E3779B1 >> x.shift; x.slots[k].next != 0; k = (k + 1) & uint32(len(x.slots)-1) {
			if x.slots[k].gram != gram {
				continue
			}
			for _, e := range x.entry[x.slots[k].first:x.slots[k].next] {
				if from := i - e.offset; from >= 0 && len(text)-from >= len(e.part) && string(text[from:from+len(e.part)]) == e.part {
					hit[e.rule/64] |= 1 << (e.rule % 64)
				}
			}
			break
		}
	}
}

// A gate tells quickly that a text holds none of some words. It looks at every
// second place of the text as it stands, three bytes at a time, so words have
// four letters or more.
type gate struct {
	bits  [1 << 16 / 64]uint64
	words [1 << 12][]string // by hash of their first three bytes, and of the three from the second on
}

const fold = 0x202020

func gram3(b []byte, i int) uint32 {
	return (uint32(b[i]) | uint32(b[i+1])<<8 | uint32(b[i+2])<<16) | fold
}

// add enters word, which is in lower case.
func (g *gate) add(word string) {
	for i := range 2 {
		h := hash16(gram3([]byte(word), i))
		if list := g.words[h>>4]; !slices.Contains(list, word) {
			g.words[h>>4] = append(list, word)
		}
		g.bits[h/64] |= 1 << (h % 64)
	}
}

// open reports whether one of the words stands in b.
func (g *gate) open(b []byte) bool {
	i := 0
	for ; i+4 <= len(b); i += 2 {
		gram := (binary.LittleEndian.Uint32(b[i:]) & 0xffffff) | fold
		if h := hash16(gram); g.bits[h/64]&(1<<(h%64)) != 0 && g.check(b, i, h) {
			return true
		}
	}
	return i+3 <= len(b) && g.check(b, i, hash16(gram3(b, i)))
}

// check looks for the words of hash h around b[i].
func (g *gate) check(b []byte, i int, h uint32) bool {
	for _, w := range g.words[h>>4] {
		for from := i; from >= max(0, i-1); from-- {
			if len(b)-from >= len(w) && equalFold(b[from:from+len(w)], w) {
				return true
			}
		}
	}
	return false
}

// equalFold reports whether b is lower in any case; both have one length.
func equalFold(b []byte, lower string) bool {
	for i := range len(lower) {
		c := b[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// plain are words that stand in so many innocent entries that they are no gate,
// unless a pattern has no other.
var plain = map[string]bool{
	"error": true, "failed": true, "failure": true, "request": true, "response": true, "server": true, "client": true, "access": true,
	"found": true, "message": true, "exception": true, "could": true, "cannot": true, "unable": true, "missing": true, "value": true,
	"required": true, "header": true, "status": true, "service": true, "connection": true, "timeout": true, "because": true,
	"address": true, "resource": true, "object": true, "method": true, "account": true, "provided": true, "match": true, "matches": true,
	"check": true, "not": true, "does": true, "application": true, "expected": true, "contain": true, "username": true,
	"with": true, "from": true, "user": true, "path": true, "https": true, "http": true, "this": true, "that": true, "have": true, "name": true, "time": true,
	"should": true, "without": true, "number": true, "empty": true, "config": true, "configuration": true, "policy": true,
}

// gateWord returns the word of pattern s that a gate should look for: the
// longest that isn't plain, "" if there is none of four letters.
func gateWord(s string) string {
	best, bestPlain := "", ""
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !(r < 0x80 && isAlnum(byte(r))) }) {
		if len(w) < 4 {
			continue
		}
		if plain[w] {
			if len(w) > len(bestPlain) {
				bestPlain = w
			}
		} else if len(w) > len(best) {
			best = w
		}
	}
	if best != "" {
		return best
	}
	if bestPlain == "" { // short words, found as they are written
		if w := strings.ToLower(strings.Trim(s, "*")); len(w) >= 4 && !strings.Contains(w, "*") {
			return w
		}
	}
	return bestPlain
}

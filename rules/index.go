package rules

import "encoding/binary"

// An index finds which patterns and rules may hold: each pattern is entered under
// four of its bytes, the rarest among all patterns.
type index struct {
	bits  [1 << 16 / 64]uint64 // which hashes of four bytes occur at all
	slots []slot               // open addressing; the zero slot is empty
	shift uint
	entry []entry
}

type slot struct {
	gram  uint32
	first int32 // of the chain of entries, from 1; 0 is an empty slot
}

type entry struct {
	part    string
	offset  int
	pattern int32
	rule    int32 // that the pattern anchors, or -1
	next    int32 // in the chain, from 1; 0 ends it
}

func gramAt(s string, i int) uint32 {
	return uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16 | uint32(s[i+3])<<24
}

func hash16(gram uint32) uint32 { return gram * 0x9E3779B1 >> 16 }

// newIndex enters patterns; rules holds, for each, the rule that it anchors, or -1.
func newIndex(patterns []*pattern, rules []int32) *index {
	seen := make([]uint16, 1<<16) // how many patterns hold four bytes of this hash
	for _, p := range patterns {
		for _, part := range p.parts {
			for i := 0; i+4 <= len(part); i++ {
				seen[hash16(gramAt(part, i))]++
			}
		}
	}
	x := &index{shift: 32 - 4, entry: make([]entry, 0, len(patterns))}
	for size := 16; size < 2*len(patterns); size *= 2 {
		x.shift--
	}
	x.slots = make([]slot, 1<<(32-x.shift))
	for k, p := range patterns {
		best, e := 1<<30, entry{pattern: int32(k), rule: rules[k]}
		for _, part := range p.parts {
			for i := 0; i+4 <= len(part); i++ {
				// Of grams equally rare the one of the longer part tells more.
				if c := int(seen[hash16(gramAt(part, i))])*64 - min(63, len(part)); c < best {
					best, e.part, e.offset = c, part, i
				}
			}
		}
		if e.part == "" {
			continue
		}
		p.indexed = true
		gram := gramAt(e.part, e.offset)
		h := hash16(gram)
		x.bits[h/64] |= 1 << (h % 64)
		i := gram * 0x9E3779B1 >> x.shift
		for x.slots[i].first != 0 && x.slots[i].gram != gram {
			i = (i + 1) & uint32(len(x.slots)-1)
		}
		e.next = x.slots[i].first
		x.entry = append(x.entry, e)
		x.slots[i] = slot{gram, int32(len(x.entry))}
	}
	return x
}

// scan sets the bit of every pattern that text may hold, and of every rule that
// one of them anchors; edge tells where words begin.
func (x *index) scan(text []byte, edge []bool, patterns, rules []uint64) {
	for i := 0; i+4 <= len(text); i++ {
		gram := binary.LittleEndian.Uint32(text[i:])
		if h := hash16(gram); x.bits[h/64]&(1<<(h%64)) != 0 {
			x.look(text, edge, i, gram, patterns, rules)
		}
	}
}

func (x *index) look(text []byte, edge []bool, i int, gram uint32, patterns, rules []uint64) {
	for k := gram * 0x9E3779B1 >> x.shift; x.slots[k].first != 0; k = (k + 1) & uint32(len(x.slots)-1) {
		if x.slots[k].gram != gram {
			continue
		}
		for j := x.slots[k].first; j != 0; j = x.entry[j-1].next {
			e := &x.entry[j-1]
			if from := i - e.offset; from >= 0 && edge[from] && len(text)-from >= len(e.part) && string(text[from:from+len(e.part)]) == e.part {
				patterns[e.pattern/64] |= 1 << (e.pattern % 64)
				if e.rule >= 0 {
					rules[e.rule/64] |= 1 << (e.rule % 64)
				}
			}
		}
		return
	}
}

package rules

import (
	"bytes"
	"cmp"
	"slices"
)

// An index finds the parts of all patterns in one pass over a text: a tree of
// their bytes, which is walked from each beginning of a word. What that takes
// depends on the text, hardly on the number of patterns.
type index struct {
	nodes []node
	lead  []byte     // of each node, the first byte that leads to it
	roots [256]int32 // node by first byte, 0 for none
	parts [][]use    // of each part, the patterns that it may complete
}

// A node stands for the bytes on the way to it. Its children follow one another
// in the index, in the order of their first bytes.
type node struct {
	rest  string // what leads here after the first byte
	child int32  // number of the first child
	kids  int32
	part  int32 // that ends here, -1 for none
}

// A use is a pattern that ends with a part.
type use struct {
	pattern int32
	rule    int32 // that the pattern anchors, or -1
	before  int32 // the part that stands before it in the pattern, or -1
}

// newIndex enters patterns; rules holds, for each, the rule that it anchors, or -1.
func newIndex(patterns []*pattern, rules []int32) *index {
	type entry struct {
		text    string
		pattern int32
		k       int32 // which part of it
	}
	var entries []entry
	for i, p := range patterns {
		for k, part := range p.parts {
			entries = append(entries, entry{part, int32(i), int32(k)})
		}
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.text, b.text) })
	x := &index{}
	var texts []string
	number := make([][]int32, len(patterns)) // of each pattern's parts
	for i, e := range entries {
		if i == 0 || e.text != texts[len(texts)-1] {
			texts = append(texts, e.text)
		}
		p := e.pattern
		if number[p] == nil {
			number[p] = make([]int32, len(patterns[p].parts))
		}
		number[p][e.k] = int32(len(texts) - 1)
	}
	x.parts = make([][]use, len(texts))
	for i, parts := range number {
		u := use{int32(i), rules[i], -1}
		last := len(parts) - 1
		if last > 0 {
			u.before = parts[last-1]
		}
		x.parts[parts[last]] = append(x.parts[parts[last]], u)
	}
	x.nodes, x.lead = []node{{part: -1}}, []byte{0}
	x.grow(0, texts, 0, 0)
	root := x.nodes[0]
	for k := range root.kids {
		x.roots[x.lead[root.child+k]] = root.child + k
	}
	return x
}

// grow adds what follows node at: texts, which are sorted and share their first
// depth bytes; the first is part number first.
func (x *index) grow(at int, texts []string, depth int, first int32) {
	if len(texts) > 0 && len(texts[0]) == depth {
		x.nodes[at].part = first
		texts, first = texts[1:], first+1
	}
	x.nodes[at].child = int32(len(x.nodes))
	for i := 0; i < len(texts); i++ {
		if c := texts[i][depth]; i == 0 || c != texts[i-1][depth] {
			x.nodes, x.lead = append(x.nodes, node{part: -1}), append(x.lead, c)
			x.nodes[at].kids++
		}
	}
	child := int(x.nodes[at].child)
	for from := 0; from < len(texts); child++ {
		to := from + 1
		for to < len(texts) && texts[to][depth] == texts[from][depth] {
			to++
		}
		a, z := texts[from], texts[to-1] // what they share all between share
		end := depth + 1
		for end < len(a) && end < len(z) && a[end] == z[end] {
			end++
		}
		x.nodes[child].rest = a[depth+1 : end]
		x.grow(child, texts[from:to], end, first+int32(from))
		from = to
	}
}

// scan sets the bit of every pattern whose parts stand in text, each at the
// beginning of a word, which edge tells, and the last after the one before it; and
// the bit of every rule that one of these patterns anchors. seen is memory for a bit
// of each part.
func (x *index) scan(text []byte, edge []bool, patterns, rules, seen []uint64) {
	clear(seen)
	for i, isEdge := range edge {
		if !isEdge {
			continue
		}
		n := x.roots[text[i]]
		for at := i + 1; n != 0; at++ {
			nd := &x.nodes[n]
			if rest := nd.rest; rest != "" {
				if len(text)-at < len(rest) || string(text[at:at+len(rest)]) != rest {
					break
				}
				at += len(rest)
			}
			if nd.part >= 0 {
				x.found(nd.part, patterns, rules, seen)
			}
			if at == len(text) || nd.kids == 0 {
				break
			}
			k := bytes.IndexByte(x.lead[nd.child:nd.child+nd.kids], text[at])
			if k < 0 {
				break
			}
			n = nd.child + int32(k)
		}
	}
}

func (x *index) found(part int32, patterns, rules, seen []uint64) {
	seen[part/64] |= 1 << (part % 64)
	for _, u := range x.parts[part] {
		if u.before >= 0 && seen[u.before/64]&(1<<(u.before%64)) == 0 {
			continue
		}
		patterns[u.pattern/64] |= 1 << (u.pattern % 64)
		if u.rule >= 0 {
			rules[u.rule/64] |= 1 << (u.rule % 64)
		}
	}
}

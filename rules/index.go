package rules

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// An index finds the parts of all patterns in one pass over a text: a tree of
// their bytes, which is walked from each beginning of a word. What that takes
// depends on the text, hardly on the number of patterns.
//
// A node of the tree stands for the bytes on the way to it. It is, packed so that a
// walk touches little memory: the length of what leads to it after the first byte,
// and the highest bit if a part ends there; those bytes; the part's number, three
// bytes; the number of its children; their first bytes; their places in the tree,
// four bytes each.
type index struct {
	tree  []byte
	roots [256]uint32          // places of the nodes by first byte, 0 for none
	grams [1 << 16 / 64]uint64 // hashes of the first four bytes of parts
	pairs [1 << 16 / 64]uint64 // first two bytes of shorter parts
	first []uint32             // of each part and one more, its first use
	uses  []use
}

// A use is a pattern that ends with a part.
type use struct {
	pattern int32
	rule    int32 // that the pattern anchors, or -1
	before  int32 // the part that stands before it in the pattern, or -1
}

// newIndex enters patterns; rules, if not nil, holds for each the rule that it
// anchors, or -1.
func newIndex(patterns []pattern, rules []int32) *index {
	var texts []string
	known := make(map[string]int32, len(patterns))
	number := make([][]int32, len(patterns)) // of each pattern's parts
	for i, p := range patterns {
		number[i] = make([]int32, len(p.parts))
		for k, part := range p.parts {
			n, ok := known[part]
			if !ok {
				n = int32(len(texts))
				known[part], texts = n, append(texts, part)
			}
			number[i][k] = n
		}
	}
	slices.Sort(texts)
	rank := make([]int32, len(texts)) // by the number before
	for i, t := range texts {
		rank[known[t]] = int32(i)
	}
	for _, parts := range number {
		for k := range parts {
			parts[k] = rank[parts[k]]
		}
	}
	x := &index{tree: []byte{0}, first: make([]uint32, len(texts)+1)}
	for _, parts := range number {
		x.first[parts[len(parts)-1]+1]++
	}
	for i := range texts {
		x.first[i+1] += x.first[i]
	}
	x.uses = make([]use, len(patterns))
	next := slices.Clone(x.first)
	for i, parts := range number {
		u := use{int32(i), -1, -1}
		if rules != nil {
			u.rule = rules[i]
		}
		last := len(parts) - 1
		if last > 0 {
			u.before = parts[last-1]
		}
		x.uses[next[parts[last]]] = u
		next[parts[last]]++
	}
	for _, t := range texts {
		x.enter(t)
	}
	for from := 0; from < len(texts); {
		to := from + 1
		for to < len(texts) && texts[to][0] == texts[from][0] {
			to++
		}
		x.roots[texts[from][0]] = x.grow(texts[from:to], 0, from)
		from = to
	}
	return x
}

// enter makes that part is looked for where its first bytes stand.
func (x *index) enter(part string) {
	switch {
	case len(part) > 3:
		h := hash16(gramAt(part, 0))
		x.grams[h/64] |= 1 << (h % 64)
	case len(part) > 1:
		x.pairs[int(part[0])*4+int(part[1]/64)] |= 1 << (part[1] % 64)
	default:
		for k := range 4 {
			x.pairs[int(part[0])*4+k] = ^uint64(0)
		}
	}
}

// grow adds the node of what texts share after their first depth bytes, and
// returns its place; they are sorted and share a byte more at least. The first is
// part number first.
func (x *index) grow(texts []string, depth, first int) uint32 {
	a, z := texts[0], texts[len(texts)-1] // what they share all between share
	end := depth + 1
	for end < len(a) && end < len(z) && end-depth < 0x7f && a[end] == z[end] {
		end++
	}
	place := uint32(len(x.tree))
	x.tree = append(append(x.tree, byte(end-depth-1)), a[depth+1:end]...)
	if len(a) == end {
		x.tree[place] |= 0x80
		x.tree = append(x.tree, byte(first), byte(first>>8), byte(first>>16))
		texts, first = texts[1:], first+1
	}
	count := len(x.tree)
	x.tree = append(x.tree, 0)
	for i, t := range texts {
		if i == 0 || t[end] != texts[i-1][end] {
			x.tree[count]++
			x.tree = append(x.tree, t[end])
		}
	}
	at := len(x.tree)
	x.tree = append(x.tree, make([]byte, 4*int(x.tree[count]))...)
	for from := 0; from < len(texts); at += 4 {
		to := from + 1
		for to < len(texts) && texts[to][end] == texts[from][end] {
			to++
		}
		child := x.grow(texts[from:to], end, first+from)
		binary.LittleEndian.PutUint32(x.tree[at:], child)
		from = to
	}
	return place
}

// A node is one of the tree, unpacked.
type node struct {
	rest  []byte // what leads to it after the first byte
	part  int    // that ends here, -1 for none
	kids  []byte // the first bytes of its children
	place []byte // and where they are
}

func (x *index) node(place uint32) (n node) {
	t := x.tree[place:]
	size := int(t[0] &^ 0x80)
	n.rest, n.part = t[1:1+size], -1
	at := 1 + size
	if t[0]&0x80 != 0 {
		n.part = int(t[at]) | int(t[at+1])<<8 | int(t[at+2])<<16
		at += 3
	}
	kids := int(t[at])
	n.kids, n.place = t[at+1:at+1+kids], t[at+1+kids:]
	return n
}

// child returns the place of n's child whose first byte is c, 0 if there is none.
func (n *node) child(c byte) uint32 {
	if k := bytes.IndexByte(n.kids, c); k >= 0 {
		return binary.LittleEndian.Uint32(n.place[4*k:])
	}
	return 0
}

// scan sets the bit of every pattern whose parts stand in text, each at the
// beginning of a word, which edge tells, and the last after the one before it; and
// the bit of every rule that one of these patterns anchors. seen is memory for a bit
// of each part.
func (x *index) scan(text []byte, edge []bool, patterns, rules, seen []uint64) {
	clear(seen)
	for i, isEdge := range edge {
		if !isEdge || !x.may(text[i:]) {
			continue
		}
		at := i + 1
		for place := x.roots[text[i]]; place != 0; {
			n := x.node(place)
			if len(n.rest) > 0 {
				if !bytes.HasPrefix(text[at:], n.rest) {
					break
				}
				at += len(n.rest)
			}
			if n.part >= 0 {
				x.found(n.part, patterns, rules, seen)
			}
			if at == len(text) {
				break
			}
			place = n.child(text[at])
			at++
		}
	}
}

// may reports whether text may begin with a part.
func (x *index) may(text []byte) bool {
	if len(text) >= 4 {
		return x.mayGram(binary.LittleEndian.Uint32(text))
	}
	return len(text) >= 2 && x.pairs[int(text[0])*4+int(text[1]/64)]&(1<<(text[1]%64)) != 0
}

// mayGram is may of a text that begins with these four bytes.
func (x *index) mayGram(gram uint32) bool {
	if h := hash16(gram); x.grams[h/64]&(1<<(h%64)) != 0 {
		return true
	}
	a, b := gram&0xff, gram>>8&0xff
	return x.pairs[a*4+b/64]&(1<<(b%64)) != 0
}

func (x *index) found(part int, patterns, rules, seen []uint64) {
	seen[part/64] |= 1 << (part % 64)
	for _, u := range x.uses[x.first[part]:x.first[part+1]] {
		if u.before >= 0 && seen[u.before/64]&(1<<(u.before%64)) == 0 {
			continue
		}
		patterns[u.pattern/64] |= 1 << (u.pattern % 64)
		if u.rule >= 0 {
			rules[u.rule/64] |= 1 << (u.rule % 64)
		}
	}
}

// in reports whether a part of a pattern, or a "not" that is shortened to "n't",
// stands in b, which isn't squashed. It doesn't know what clients write.
func (x *index) in(b []byte) bool {
	var before byte
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case c == '\'' && contracted(b, i):
			return true
		case c == '\\' && escape(b[i:]):
			i, before = i+1, ' '
			continue
		}
		if place := x.roots[squashed[c]]; place != 0 && starts(before, c, b[i+1:]) && x.mayFold(b[i:]) && x.begins(place, b[i+1:]) {
			return true
		}
		before = c
	}
	return false
}

// mayFold is may of a text that isn't squashed.
func (x *index) mayFold(b []byte) bool {
	if len(b) < 4 || (classes[b[1]]&classes[b[2]]&classes[b[3]])&alnum == 0 {
		return true // squashing may change what stands there
	}
	gram := binary.LittleEndian.Uint32(b)
	return gram&0x80808080 != 0 || x.mayGram(gram|fold)
}

// begins reports whether a part goes on from the node at place, with the bytes of b
// that squashing leaves.
func (x *index) begins(place uint32, b []byte) bool {
	n := x.node(place)
	if len(n.rest) == 0 && n.part >= 0 {
		return true
	}
	for _, c := range b {
		switch c = squashed[c]; {
		case c == 0:
			continue
		case len(n.rest) > 0:
			if n.rest[0] != c {
				return false
			}
			n.rest = n.rest[1:]
		default:
			if place = n.child(c); place == 0 {
				return false
			}
			n = x.node(place)
		}
		if len(n.rest) == 0 && n.part >= 0 {
			return true
		}
	}
	return false
}

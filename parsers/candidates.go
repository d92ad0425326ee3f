package parsers

import (
	"encoding/binary"
	"slices"
	"strings"
	"sync"
)

// candidates says which parsers to ask for an entry, in the order of asking.
type candidates struct {
	first [256][]*Parser // by the first byte
	dated [len(dateEnds) + 1][len(timeEnds) + 1][10][]*Parser
}

// What follows a date, and what follows a time, tells layouts apart.
const (
	dateEnds = "T "
	timeEnds = " ,.|Z"
)

var allCandidates = sync.OnceValue(func() *candidates { return candidatesOf(nil, registry) })

// candidatesOf takes own as they come, and then others in their order.
func candidatesOf(own, others []*Parser) *candidates {
	parsers := slices.Concat(own, others)
	slices.SortFunc(parsers[len(own):], func(a, b *Parser) int {
		if a.Order != b.Order {
			return a.Order - b.Order
		}
		return strings.Compare(a.Name, b.Name)
	})
	c := new(candidates)
	for b := range c.first {
		for _, p := range parsers {
			if p.First == "" || strings.IndexByte(p.First, byte(b)) >= 0 {
				c.first[b] = append(c.first[b], p)
			}
		}
	}
	for i := range c.dated {
		for j := range c.dated[i] {
			for digit := range c.dated[i][j] {
				for _, p := range c.first['0'+digit] {
					if p.Dated != "no" && fits(p.Dated, 10, dateEnds, i) && fits(p.Dated, 19, timeEnds, j) {
						c.dated[i][j][digit] = append(c.dated[i][j][digit], p)
					}
				}
			}
		}
	}
	return c
}

// fits reports whether the byte of pattern at a place can be the nth of bytes, or
// none of them where n is behind the last.
func fits(pattern string, place int, bytes string, n int) bool {
	if len(pattern) <= place || pattern[place] == '_' {
		return true
	}
	at := strings.IndexByte(bytes, pattern[place])
	return at == n || at < 0 && n == len(bytes)
}

// of returns the parsers to ask for text, which is not empty.
func (c *candidates) of(text []byte) []*Parser {
	if text[0]-'0' > 9 || !beginsWithDate(text) {
		return c.first[text[0]]
	}
	return c.dated[dateEndClass[text[10]]][timeEndClass[text[19]]][text[0]-'0']
}

// beginsWithDate reports whether b has at least twenty bytes, of which the first
// are "0000-00-", any digits.
func beginsWithDate(b []byte) bool {
	if len(b) < 20 {
		return false
	}
	const (
		zeros = 0x2d30302d30303030 // "0000-00-"
		nines = 0x7f76767f76767676 // what lifts more than 9, and in place of '-' more than 0, to 0x80
		highs = 0x8080808080808080
	)
	x := binary.LittleEndian.Uint64(b) ^ zeros
	return (x|(x+nines))&highs == 0
}

var dateEndClass, timeEndClass = classes(dateEnds), classes(timeEnds)

// classes returns the place of every byte in bytes, and behind the last for others.
func classes(bytes string) (t [256]uint8) {
	for c := range t {
		t[c] = uint8(len(bytes))
		if i := strings.IndexByte(bytes, byte(c)); i >= 0 {
			t[c] = uint8(i)
		}
	}
	return t
}

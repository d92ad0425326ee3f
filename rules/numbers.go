package rules

import "bytes"

// numbers tells which numbers rules ask for: their patterns hold some, like
// "aadsts50126", "oauth2" or "401". Another is part of nothing that a pattern matches,
// but for words that a hexadecimal one may hold by chance. It knows them by hashes of
// how they begin and of the two bytes before, so that now and then it lets one stay
// that nobody asks for.
type numbers struct {
	decimal [1 << 16 / 64]uint64
	hex     [1 << 17 / 64]uint64
}

// newNumbers returns the numbers of these patterns.
func newNumbers(patterns []pattern) *numbers {
	n := &numbers{}
	for i := range patterns {
		for _, part := range patterns[i].parts {
			for k := range len(part) {
				if isHex(part[k]) {
					set(n.hex[:], behindPart(part[:k]).key([]byte(part[k:]), 0))
				}
				if classes[part[k]]&digit != 0 && (k == 0 || classes[part[k-1]]&digit == 0) {
					n.enter(behindPart(part[:k]), part[k:])
				}
			}
		}
	}
	return n
}

// enter enters the numbers of a text that the one at rest, of a part, may be, with
// what comes next: the number's last digits may be those of a second one, after a
// blank, and where the part ends with it, more may follow.
func (n *numbers) enter(b behind, rest string) {
	for end := 1; end < len(rest); end++ {
		set(n.decimal[:], b.key([]byte(rest[:end]), rest[end]))
		set(n.decimal[:], b.key([]byte(rest[:end]), unsure))
		if classes[rest[end]]&digit == 0 {
			return
		}
	}
	for i := range 100 {
		one, two := string(rune('0'+i%10)), string(rune('0'+i/10))
		for _, digits := range [...]string{rest, rest + one, rest + two + one} {
			set(n.decimal[:], b.key([]byte(digits), 0))
		}
	}
}

// unsure is what comes next to a number where something may be left out.
const unsure = 1

// asked reports whether rules may ask for a number that stands behind b and before next.
func (n *numbers) asked(b behind, digits []byte, next byte) bool {
	if c := b[1]; classes[c]&digit != 0 && c != figure {
		return true // as for the number before, whose rest this may be
	}
	for _, b := range b.parts() {
		if has(n.decimal[:], b.key(digits, 0)) || has(n.decimal[:], b.key(digits, next)) {
			return true
		}
	}
	return false
}

// askedHex is asked for a hexadecimal number.
func (n *numbers) askedHex(b behind, word []byte) bool {
	var begin [4]byte // as rules see it
	for i, k := 0, 0; k < len(begin); i++ {
		if c := squashed[word[i]]; c != 0 {
			begin[k] = c
			k++
		}
	}
	for size := range len(begin) {
		for _, b := range b.parts() {
			if has(n.hex[:], b.key(begin[:size+1], 0)) {
				return true
			}
		}
	}
	return false
}

// hexEnd returns the length of the hexadecimal number of eight digits or more, the
// UUID or the address (IPv6, MAC) that b begins with, 0 if it begins with none.
func hexEnd(b []byte) int {
	const most = 64
	first, end, colons := 0, 0, 0 // first digits in a row, the end of the last
	letter, decimal := false, false
	for i := range min(len(b), most) {
		c := b[i]
		if isHex(c) || 'A' <= c && c <= 'F' {
			letter, decimal = letter || c > '9', decimal || c <= '9'
			if first == i {
				first++
			}
			end = i + 1
			continue
		}
		if c == ':' {
			colons++
		} else if c != '-' {
			break
		}
	}
	if !letter || !decimal || first < 8 && colons < 2 || end < len(b) && (isAlnum(b[end]) || b[end] == '_') {
		return 0
	}
	return end
}

// isHex reports whether rules see a hexadecimal digit in c.
func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' }

// behind is what rules see before a place of a text: two bytes, newlines where there
// are none.
type behind [2]byte

// behindPart is what stands before a place of a pattern's part, 0 for whatever it may be.
func behindPart(s string) (b behind) {
	copy(b[max(0, len(b)-len(s)):], s[max(0, len(s)-len(b)):])
	return b
}

// lastTwo returns what rules see at the end of text and then more.
func lastTwo(text, more []byte) behind {
	b, k := behind{'\n', '\n'}, 1
	for _, s := range [...][]byte{more, text} {
		for i := len(s) - 1; i >= 0 && k >= 0; i-- {
			if c := squashed[s[i]]; c != 0 {
				b[k] = c
				k--
			}
		}
	}
	return b
}

// parts returns what parts of patterns may have there: both bytes, one, or none.
func (b behind) parts() [3]behind { return [...]behind{{}, {0, b[1]}, b} }

// key stands for what begins so behind b, and for what comes next to it.
func (b behind) key(begin []byte, next byte) uint64 {
	size := 4
	if b[1] != 0 {
		size = 2
	}
	key := uint64(b[0])<<16 | uint64(b[1])<<8 | uint64(next)
	for _, c := range begin[:min(size, len(begin))] {
		key = key<<8 | uint64(c)
	}
	return key * 0x9E3779B97F4A7C15
}

// has reports whether key is one of those that set has entered: a Bloom filter of
// two hashes.
func has(bits []uint64, key uint64) bool {
	i, k := key>>40%uint64(len(bits)*64), key>>16%uint64(len(bits)*64)
	return bits[i/64]&(1<<(i%64)) != 0 && bits[k/64]&(1<<(k%64)) != 0
}

func set(bits []uint64, key uint64) {
	i, k := key>>40%uint64(len(bits)*64), key>>16%uint64(len(bits)*64)
	bits[i/64] |= 1 << (i % 64)
	bits[k/64] |= 1 << (k % 64)
}

// nextTo returns the byte that rules see next where b begins.
func nextTo(b, user []byte) byte {
	for i, c := range b {
		switch {
		case c == '\\', c == '/', c == '?', user != nil && bytes.HasPrefix(b[i:], user):
			return unsure
		case squashed[c] != 0:
			return squashed[c]
		}
	}
	return '\n'
}

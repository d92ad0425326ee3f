package rules

import (
	"bytes"

	"why401/parsers"
)

// Applications write the same sentences again and again, with other numbers, paths
// and names in them. An outline is a record's own words without those: what a
// client wrote is left out, and a number that no rule asks for is one byte, however
// long it is. Rules see nothing else of a text, so what they say of one holds for
// all that share its outline.
type outline struct {
	parts  [numParts][]byte // the fields as they are
	text   []byte           // their outlines one after another, a newline behind each
	ends   [numParts]int    // where those newlines stand
	pieces []piece          // in the order of text
}

// A piece begins where text goes on with bytes that stand elsewhere in the field.
type piece struct{ text, raw int }

const (
	numParts = 5
	omitted  = 0 // stands for what is left out
	figure   = 1 // for a number
)

// fill makes o that of r, whose fields it keeps.
func (o *outline) fill(r *parsers.Record, n *numbers) {
	o.parts = [numParts][]byte{message(r), r.Code, errorType(r), r.Challenge, r.Logger}
	o.text, o.pieces = o.text[:0], o.pieces[:0]
	for i, b := range o.parts {
		var user []byte
		if i == 0 && maskable(r.User) && bytes.Contains(b, r.User) {
			user = r.User
		}
		if rest := len(b) - maxText/2; rest > maxText/2 {
			o.add(b[:maxText/2], 0, user, n)
			o.text = append(o.text, '\n')
			o.add(b[rest:], rest, user, n)
		} else {
			o.add(b, 0, user, n)
		}
		o.ends[i] = len(o.text)
		o.text = append(o.text, '\n')
	}
}

// add appends the outline of b, which stands in its field at base, without user.
func (o *outline) add(b []byte, base int, user []byte, n *numbers) {
	o.pieces = append(o.pieces, piece{len(o.text), base})
	start := len(o.text)
	taken := 0      // what stands before b[taken] is in text
	word := 0       // where the current word starts
	inWord := false // the byte before i is one of it
	path := -1      // where the current URL's path starts
	for i := 0; i < len(b); {
		c := b[i]
		to, stand := i+1, -1 // b[i:to] is looked at next, and what stands for it
		switch class := classes[c]; {
		case class&alnum != 0:
			if !inWord {
				word = i
			}
			switch {
			case !inWord && user != nil && bytes.HasPrefix(b[i:], user):
				to, stand = i+len(user), omitted
			case n != nil && !inWord && hexEnd(b[i:]) > 0 && !n.askedHex(lastTwo(o.text[start:], b[taken:i]), b[i:]):
				to, stand = i+hexEnd(b[i:]), figure
			case class&digit != 0:
				for to < len(b) && classes[b[to]]&digit != 0 {
					to++
				}
				if n != nil && !n.asked(lastTwo(o.text[start:], b[taken:i]), b[i:to], nextTo(b[to:], user)) {
					stand = figure
				}
			default:
				for to < len(b) && classes[b[to]]&(alnum|digit) == alnum {
					to++
				}
			}
			inWord = stand != omitted
		case c == '\\' && escape(b[i:]):
			to, stand, inWord = i+2, ' ', false
			if b[i+1] == 'n' {
				stand = '\n'
			}
		case c == '\'' && contracted(b, i):
			inWord = true
		default:
			if inWord || c == '/' || c == '?' {
				skip := clientText(b, word, i)
				if c == '/' && i > 1 && b[i-1] == '/' && b[i-2] == ':' {
					path = authorityEnd(b, i+1)
				} else if c == '/' && i == path {
					skip = requestPath(b, i)
				}
				if skip > 0 {
					to, stand = i+skip, omitted
				}
			}
			if stand < 0 && !inWord && user != nil && bytes.HasPrefix(b[i:], user) {
				to, stand = i+len(user), omitted
			}
			inWord = false
		}
		if stand >= 0 {
			o.text = append(append(o.text, b[taken:i]...), byte(stand))
			o.pieces = append(o.pieces, piece{len(o.text), base + to})
			taken = to
		}
		i = to
	}
	o.text = append(o.text, b[taken:]...)
}

// place returns the field that text[i] is of, and where the byte that it is, or
// that it stands for, stands there.
func (o *outline) place(i int) (part []byte, at int) {
	k := 0
	for k < numParts-1 && i > o.ends[k] {
		k++
	}
	p := len(o.pieces) - 1
	for p > 0 && o.pieces[p].text > i {
		p--
	}
	return o.parts[k], min(o.pieces[p].raw+i-o.pieces[p].text, len(o.parts[k]))
}

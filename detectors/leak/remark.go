package leak

import "bytes"

// A Remark is something that deserves a word and is no leak.
type Remark struct {
	Line int // from 0 in Block.Data
	ID   RemarkID
}

// A RemarkID says what a Remark is about.
type RemarkID uint8

const (
	ClaimsShown  RemarkID = iota // a JWT's claims without its signature: no credential, but what they say is in the log
	PasswordHash                 // a hash of a password without salt, which guessing finds
	NumRemarks
)

// remark is a Remark and where it belongs in the scanner's text.
type remark struct {
	at int
	id RemarkID
}

// note adds a remark about what stands at i.
func (s *Scanner) note(i int, id RemarkID) {
	if s.depth == 0 {
		s.remarks = append(s.remarks, remark{i, id})
	}
}

// Remarks returns those about what begins in the block that was scanned last, valid
// until the next call of Scan.
func (s *Scanner) Remarks() []Remark {
	out, line, from := s.told[:0], 0, s.base
	for _, r := range s.remarks {
		if r.at < s.base || r.at >= s.dataEnd {
			continue
		}
		if r.at > from {
			line += bytes.Count(s.t[from:r.at], newline)
			from = r.at
		}
		out = append(out, Remark{line, r.id})
	}
	s.told = out
	return out
}

// digest reports whether v is a plain MD5 or SHA, alone or after its name.
func digest(v []byte) bool {
	for _, p := range [...]string{"md5", "sha", "{MD5}", "{SHA", "SHA", "MD5"} {
		if hasPrefix(v, p) {
			i := bytes.IndexAny(v, ":=}$")
			return i > 0 && i < 12 && len(v) > i+20 && !hasPrefix(v, "sha-crypt")
		}
	}
	switch len(v) {
	case 32, 40, 56, 64, 96, 128:
		for _, c := range v {
			if !isHex(c) {
				return false
			}
		}
		return mixed(v)
	}
	return false
}

// hashed looks at the value of a field for a password's hash.
func (s *Scanner) hashed(f *field) {
	end := s.valueEnd(f, endOfToken)
	p := s.decode(f.v, min(end, f.v+maxValue))
	if digest(trimValue(p.b)) {
		s.note(f.v, PasswordHash)
	}
}

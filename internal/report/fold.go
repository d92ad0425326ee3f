package report

import (
	"strings"
	"unicode/utf8"
)

// appendRoute appends path with what looks like an identifier in it replaced by
// {id}, so that requests for different things count as one route.
func appendRoute(dst []byte, path string) []byte {
	for len(path) > 0 && len(dst) < 2*maxKey {
		seg := path
		if i := strings.IndexByte(path[1:], '/'); i >= 0 {
			seg = path[:i+1]
		}
		path = path[len(seg):]
		if seg[0] == '/' && isID(seg[1:]) {
			seg = "/{id}"
		}
		dst = append(dst, seg...)
	}
	return dst
}

// isID tells identifiers from names: numbers, and longer words of hexadecimal or
// mixed characters with at least three digits.
func isID(s string) bool {
	digits, other := 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '-' || c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z':
			other++
		default:
			return false
		}
	}
	return digits > 0 && other == 0 || digits >= 3 && digits+other >= 12
}

// maxKey is the length of what is counted by name; more of it is noise or an attack.
const maxKey = 160

// appendCut appends s, cut to maxKey bytes between characters.
func appendCut(dst []byte, s string) []byte {
	if len(s) > maxKey {
		n := maxKey
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	return append(dst, s...)
}

// appendAgent appends the program that a User-Agent (RFC 9110 section 10.1.5)
// names, with as much of its version as makes a difference: all of an app's,
// the first number of a browser's.
func appendAgent(dst []byte, agent string) []byte {
	first, _, _ := strings.Cut(agent, " ")
	if !strings.HasPrefix(first, "Mozilla/") {
		return appendProduct(dst, first, 3)
	}
	if _, bot, ok := strings.Cut(agent, "(compatible; "); ok { // Googlebot/2.1; +http://...
		bot, _, _ = strings.Cut(bot, ";")
		bot, _, _ = strings.Cut(bot, ")")
		return appendProduct(dst, bot, 1)
	}
	best, rank := first, 0
	for product := range strings.FieldsSeq(outside(agent)) {
		name, version, _ := strings.Cut(product, "/")
		r := 4 // what calls itself by a name of its own: Edg, OPR, Firefox, an app
		switch name {
		case "Mozilla", "AppleWebKit", "KHTML,", "Gecko", "Mobile":
			r = 0
		case "Safari":
			r = 1
		case "Version":
			product, r = "Safari/"+version, 2
		case "Chrome":
			r = 3
		}
		if r >= rank && r > 0 && version != "" {
			best, rank = product, r
		}
	}
	return appendProduct(dst, best, 1)
}

// outside returns s without what stands in parentheses.
func outside(s string) string {
	var b strings.Builder
	depth := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '(':
			depth++
		case c == ')':
			depth = max(depth-1, 0)
		case depth == 0:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// appendProduct appends name/1.2.3 as "name 1.2.3", with n numbers of the version.
func appendProduct(dst []byte, product string, n int) []byte {
	name, version, _ := strings.Cut(product, "/")
	dst = appendCut(dst, name)
	end := 0
	for end < len(version) && (version[end] >= '0' && version[end] <= '9' || version[end] == '.') {
		if version[end] == '.' {
			n--
		}
		if n == 0 {
			break
		}
		end++
	}
	if version = strings.TrimSuffix(version[:min(end, 24)], "."); version != "" {
		dst = append(append(dst, ' '), version...)
	}
	return dst
}

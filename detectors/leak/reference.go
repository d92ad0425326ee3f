package leak

import "bytes"

// isReference reports whether v names a place where a secret is, rather than the
// secret: an ARN, a URL, a path, a class.
func isReference(v []byte) bool {
	if hasPrefix(v, "arn:") || hasPrefix(v, "projects/") || bytes.Contains(v, []byte("://")) {
		return true
	}
	parts, letters := 0, 0
	for _, c := range v {
		switch {
		case c == '/' || c == '.':
			parts++
		case c >= 'a' && c <= 'z' || c == '-' || c == '_':
			letters++
		}
	}
	return parts >= 2 && (letters+parts)*10 >= len(v)*9 || v[0] == '/' && parts >= 2 && (letters+parts)*5 >= len(v)*4
}

// isObjectName reports whether v is what Kubernetes names an object that it makes:
// words, a hash of small letters and digits, and five more of them.
func isObjectName(v []byte) bool {
	n := bytes.LastIndexByte(v, '-')
	if n < 0 || len(v)-n != 6 || v[0] < 'a' || v[0] > 'z' || bytes.Count(v, []byte("-")) < 2 {
		return false
	}
	for _, c := range v {
		if !(c >= 'a' && c <= 'z' || isDigit(c) || c == '-') {
			return false
		}
	}
	return true
}

// isPlainName reports whether v is small letters and underscores.
func isPlainName(v []byte) bool {
	for _, c := range v {
		if !(c >= 'a' && c <= 'z' || c == '_') {
			return false
		}
	}
	return len(v) > 0
}

// isCall reports whether v begins as a call in source code: name.name(.
func isCall(v []byte) bool {
	n := bytes.IndexByte(v, '(')
	return n > 1 && isPath(append([]byte("a."), v[:n]...))
}

// isPath reports whether v is names with dots between, as source code has them.
func isPath(v []byte) bool {
	if bytes.IndexByte(v, '.') <= 0 || len(v) > 64 {
		return false
	}
	for part := range bytes.SplitSeq(v, []byte(".")) {
		if !isPlainName(part) {
			return false
		}
	}
	return true
}

// isPair reports whether v is another field, name=value, rather than a token that
// ends with "=".
func isPair(v []byte) bool {
	n := bytes.IndexByte(v, '=')
	if n < 1 || n > 24 || n+2 >= len(v) || v[n+1] == '=' {
		return false
	}
	for _, c := range v[:n] {
		if !isAlpha(c) && c != '_' && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

// isResource reports whether v is named as Kubernetes' objects are, db-creds-37eaf663:
// small letters and digits in parts, of which the first has no digit.
func isResource(v []byte) bool {
	first := bytes.IndexByte(v, '-')
	if first < 2 || len(v) > 63 {
		return false
	}
	for i, c := range v {
		if !(c >= 'a' && c <= 'z' || i > first && (isDigit(c) || c == '-')) && c != '-' {
			return false
		}
	}
	return true
}

// isSlug reports whether v is a name made of words, such as default-token-x7k2p.
func isSlug(v []byte) bool {
	inWords, word := 0, 0
	for i := 0; i <= len(v); i++ {
		if i < len(v) && v[i] >= 'a' && v[i] <= 'z' {
			word++
			continue
		}
		if word >= 4 {
			inWords += word + 1
		}
		word = 0
	}
	return inWords*10 >= len(v)*6
}

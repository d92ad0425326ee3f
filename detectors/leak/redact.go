package leak

import "why401/parsers"

const mark = "[REDACTED]"

// Redact appends text to dst with every credential replaced by [REDACTED].
func (s *Scanner) Redact(dst, text []byte) []byte {
	b := parsers.Block{Data: text}
	return AppendRedacted(dst, &b, s.Scan(&b))
}

// AppendRedacted appends b.Data to dst with its spans, as Scan returned them,
// replaced by [REDACTED]. Of a span that began in an earlier part of a long line
// the rest is left out.
func AppendRedacted(dst []byte, b *parsers.Block, spans []Span) []byte {
	at := 0
	for i := range spans {
		sp := &spans[i]
		if sp.End <= at {
			continue
		}
		if sp.Start >= at {
			dst = append(dst, b.Data[at:sp.Start]...)
			if sp.Number {
				dst = append(dst, '"')
			}
			dst = append(dst, mark...)
			if sp.Number {
				dst = append(dst, '"')
			}
		}
		at = min(sp.End, len(b.Data))
	}
	return append(dst, b.Data[at:]...)
}

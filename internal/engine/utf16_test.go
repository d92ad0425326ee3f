package engine

import (
	"bytes"
	"context"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"
)

// Redacted text is stored as it was: with its byte order mark, and in UTF-16.
func TestRedactKeepsTheEncoding(t *testing.T) {
	text := "j\u00fcrgen \u20ac \U0001f511\r\nAuthorization: Bearer q7" + "Zr4mW2xK9vB1nT6yH8sD3gF5\r\n" + strings.Repeat("\u00fc\u20ac", 300<<10) + "\n"
	want := strings.Replace(text, "q7"+"Zr4mW2xK9vB1nT6yH8sD3gF5", "[REDACTED]", 1)
	wide := func(order binary.AppendByteOrder, text string) (b []byte) {
		for _, u := range utf16.Encode([]rune(text)) {
			b = order.AppendUint16(b, u)
		}
		return b
	}
	plain := func(s string) []byte { return []byte(s) }
	little := func(s string) []byte { return wide(binary.LittleEndian, s) }
	big := func(s string) []byte { return wide(binary.BigEndian, s) }
	for name, stored := range map[string]func(string) []byte{
		"UTF-8": plain, "with a mark": func(s string) []byte { return plain("\ufeff" + s) },
		"UTF-16": func(s string) []byte { return little("\ufeff" + s) }, "big-endian": func(s string) []byte { return big("\ufeff" + s) },
		"without a mark": func(s string) []byte { return little("x\n" + s) },
	} {
		for _, pack := range []func(*testing.T, string) []byte{func(_ *testing.T, s string) []byte { return []byte(s) }, gzipped} {
			var got kept
			in := pack(t, string(stored(text)))
			if _, err := Run(context.Background(), []Log{{Name: "-", Stdin: bytes.NewReader(in)}}, Config{Mode: Redact, Block: 64 << 10}, &got); err != nil {
				t.Fatal(err)
			}
			if want := stored(want); !bytes.Equal(got.out.Bytes(), want) {
				t.Errorf("%s: %d bytes, want %d; %.60q, want %.60q", name, got.out.Len(), len(want), got.out.Bytes(), want)
			}
		}
	}
}

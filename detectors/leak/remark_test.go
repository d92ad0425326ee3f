package leak

import (
	"fmt"
	"strings"
	"testing"

	"why401/parsers"
)

// TestRemarks says what is worth a word though it leaks nothing.
func TestRemarks(t *testing.T) {
	jwt := strings.Split(secrets["{j}"], ".")
	claims := jwt[0] + "." + jwt[1]
	md5 := "5f4dcc3b5aa7" + "65d61d8327deb882cf99"
	for text, want := range map[string]string{
		"token: " + claims:                           "0:0",
		"Authorization: Bearer " + claims + ".":      "0:0",
		"got " + claims + ".***":                     "0:0",
		"Authorization: Bearer " + jwt[0] + "...":    "",
		"Authorization: Bearer " + secrets["{j}"]:    "",
		"password=md5:" + md5:                        "0:1",
		"x\n{\"password_hash\":\"" + md5 + "\"}":     "1:1",
		"a=1\nb=2\nuser=bob pwdHash=" + md5:          "2:1",
		"password={SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=": "0:1",
		"password=$2b$12$KIXQ1Zs4uW7x9yZ0aBcDeFgHiJ": "",
		"password_hash=[REDACTED]":                   "",
		"password_hash=$argon2id$v=19$m=65536":       "",
		"etag=" + md5:                                "",
	} {
		s := NewScanner()
		spans := s.Scan(&parsers.Block{Data: []byte(text), Line: 1})
		got := ""
		for _, r := range s.Remarks() {
			got += fmt.Sprintf(" %d:%d", r.Line, r.ID)
		}
		if strings.TrimSpace(got) != want {
			t.Errorf("%s: remarks%s, want %s (spans %+v)", text, got, want, spans)
		}
	}
}

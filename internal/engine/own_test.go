package engine

import "testing"

func TestIsReport(t *testing.T) {
	for head, want := range map[string]bool{
		"type,time,end,severity,cause,kind\n":                            true,
		"{\"findings\":[\n":                                              true,
		`{"type":"leak","file":"a.log","line":1`:                         true,
		"Read 1 line, 84 B, 2026-03-12 13:00":                            true,
		"Read 2 files, 6,712 lines, 2 MB":                                true,
		"**4 credentials in 2 files, 6,712 lines, 2 MB.**\n":             true,
		"1 credential in 2 lines, 60 B.\n":                               true,
		"No credential in 2 lines, 60 B.\n":                              true,
		"<!doctype html><!-- why401 report -->\n<html>":                  true,
		"# HELP why401_failures Refused requests, by cause.\n":           true,
		"<!doctype html><html lang=\"en\">":                              false,
		"# HELP go_goroutines\n":                                         false,
		"":                                                               false,
		"Read timeout after 30 lines":                                    false,
		"Read 17 bytes\nRead 3 lines":                                    false,
		`{"type":"note","message":"started"}`:                            false,
		`{"type":"cause","msg":"x"}`:                                     false,
		"12 credentials were rejected":                                   false,
		`192.0.2.7 - - [12/Mar/2026:14:00:01 +0100] "GET / HTTP/1.1" 20`: false,
	} {
		if got := isReport([]byte(head)); got != want {
			t.Errorf("%q: %t", head, got)
		}
	}
}

package report

import (
	"fmt"
	"strconv"
	"strings"
)

func words(id string) string { return strings.ReplaceAll(id, "_", " ") }

func share(n, of int64) string {
	switch p := float64(n) / float64(of) * 100; {
	case p > 0 && p < 1:
		return "<1%"
	case p > 99 && n < of:
		return ">99%"
	default:
		return strconv.Itoa(int(p+0.5)) + "%"
	}
}

// plural returns n with the word for one or many; without the latter, one with an s.
func plural(n int64, one string, many ...string) string {
	word := one
	if n != 1 {
		if word = one + "s"; len(many) > 0 {
			word = many[0]
		}
	}
	return Number(n) + " " + word
}

// Number returns n with commas between thousands.
func Number(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Bytes returns n bytes in a unit of decimal powers.
func Bytes(n int64) string {
	f, units := float64(n), []string{"B", "kB", "MB", "GB", "TB", "PB", "EB"}
	i := 0
	for f >= 999.5 && i < len(units)-1 {
		f /= 1000
		i++
	}
	if i == 0 || f >= 99.5 {
		return fmt.Sprintf("%.0f %s", f, units[i])
	}
	return fmt.Sprintf("%.2g %s", f, units[i])
}

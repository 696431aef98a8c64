package httpfield_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/larder-go/larder/internal/httpfield"
)

func TestMembers(t *testing.T) {
	for _, c := range []struct{ rule, lines, want string }{
		{"RFC 9110 §5.6.1 members and space", " a ,\tb", "a|b"},
		{"RFC 9110 §5.6.1.2 empty members", ",a,, ,b,", "a|b"},
		{"RFC 9110 §5.3 several lines", "a,b\nc", "a|b|c"},
		{"RFC 9110 §5.6.4 comma in a quoted string", `x="a,b", c`, `x="a,b"|c`},
		{"RFC 9110 §5.6.4 quoted pair", `x="a\",b", c`, `x="a\",b"|c`},
		{"open quote separates at the comma", `x="a,b`, `x="a|b`},
		{"open quote ends with its line", "x=\"a\nb\"", `x="a|b"`},
		{"nothing", "", ""},
	} {
		got := strings.Join(slices.Collect(httpfield.Members(strings.Split(c.lines, "\n"))), "|")
		if got != c.want {
			t.Errorf("%s: Members(%q) = %q, want %q", c.rule, c.lines, got, c.want)
		}
	}
}

func TestDirectives(t *testing.T) {
	for _, c := range []struct{ rule, lines, want string }{
		{"RFC 9111 §5.2 forms", `no-store, max-age=60, no-cache="Set-Cookie, Age"`, `no-store max-age=60 no-cache=Set-Cookie, Age`},
		{"RFC 9111 §5.2 several lines", "private\nmax-age=5", "private max-age=5"},
		{"RFC 9111 §5.2 quoted number", `max-age="600"`, "max-age=600"},
		{"empty members", ", ,a,,b,", "a b"},
		{"space before =", "max-age =60", "!max-age"},
		{"space after =", "max-age= 60", "!max-age= !60"},
		{"no value after =", "max-age=", "!max-age="},
		{"single quotes are token characters", "max-age='60'", "max-age='60'"},
		{"sign", "max-age=-1", "max-age=-1"},
		{"two words", "max-age=60 s", "!max-age=60 !s"},
		{"space for comma", "public no-store, a", "!public !no-store a"},
		{"tab for comma, after a string", "x=\"y\"\t no-store", "!x=y !no-store"},
		{"space at the end, and before the comma", "public , a ", "public a"},
		{"text after the closing quote", `max-age="60"x`, "!max-age=60"},
		{"semicolon for comma", "max-age=60; no-store, a", "!max-age=60 !no-store a"},
		{"open quote", `a="b, no-store`, "!a= !no-store"},
		{"what follows a stray quote is in doubt", `a"b, max-age=60`, "!a !max-age=60"},
		{"doubt ends with the line", "a\"b\nmax-age=60", "!a max-age=60"},
		{"a directive inside a string is none", `x="max-age=1, no-store", max-age=9`, "x=max-age=1, no-store max-age=9"},
		{"quoted pair", `x="a\"b"`, `x=a"b`},
		{"no name", "=5, a", "!=5 a"},
	} {
		var got []string
		for ds := httpfield.NewDirectives(strings.Split(c.lines, "\n")); ds.Next(); {
			s := ds.Name
			if ds.HasValue {
				s += "=" + ds.Value
			}
			if ds.Malformed {
				s = "!" + s
			}
			got = append(got, s)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %q read as %q, want %q", c.rule, c.lines, s, c.want)
		}
	}
}

func TestHasDirective(t *testing.T) {
	for _, c := range []struct {
		line, name string
		want       bool
	}{
		{"No-STORE", "no-store", true},
		{"a; no-store", "no-store", true}, // restricts, so it counts though malformed
		{"a no-store", "no-store", true},
		{"a public", "public", false},
		{"a; public", "public", false}, // permits
		{"public", "public", true},
		{`x="no-store"`, "no-store", false},
		{`private="Set-Cookie"`, "private", true},
		{"no-storex", "no-store", false},
		{"", "no-store", false},
	} {
		if got := httpfield.HasDirective([]string{c.line}, c.name); got != c.want {
			t.Errorf("HasDirective(%q, %s) = %v", c.line, c.name, got)
		}
	}
}

func TestDirectiveFields(t *testing.T) {
	ds := httpfield.NewDirectives([]string{`no-cache=" Set-Cookie ,Age,"`})
	ds.Next()
	if got := slices.Collect(ds.Fields()); !slices.Equal(got, []string{"Set-Cookie", "Age"}) {
		t.Errorf("Fields = %q", got)
	}
}

func TestParseSeconds(t *testing.T) {
	for _, c := range []struct {
		s    string
		want time.Duration
		ok   bool
	}{
		{"0", 0, true}, {"600", 600 * time.Second, true}, {"000600", 600 * time.Second, true},
		{"2147483647", 2147483647 * time.Second, true},
		{"2147483648", httpfield.MaxDelta, true},
		{"9999999999", httpfield.MaxDelta, true},
		{strings.Repeat("9", 500), httpfield.MaxDelta, true}, // RFC 9111 §1.2.2
		{"", 0, false}, {"-1", 0, false}, {"+1", 0, false}, {"1.0", 0, false}, {"1.5", 0, false}, {"1e3", 0, false},
		{" 1", 0, false}, {"1 ", 0, false}, {"a1", 0, false}, {"1a", 0, false}, {"0x10", 0, false}, {"'1'", 0, false}, {"١", 0, false},
	} {
		if got, ok := httpfield.ParseSeconds(c.s); got != c.want || ok != c.ok {
			t.Errorf("ParseSeconds(%.20q) = %v, %v", c.s, got, ok)
		}
	}
}

func TestParseDate(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	const want = "1994-11-06T08:49:37Z"
	for _, c := range []struct{ rule, s, want string }{
		{"RFC 9110 §5.6.7 IMF-fixdate", "Sun, 06 Nov 1994 08:49:37 GMT", want},
		{"RFC 9110 §5.6.7 rfc850-date", "Sunday, 06-Nov-94 08:49:37 GMT", want},
		{"RFC 9110 §5.6.7 asctime-date", "Sun Nov  6 08:49:37 1994", want},
		{"asctime, two digits", "Wed Nov 16 08:49:37 1994", "1994-11-16T08:49:37Z"},
		{"RFC 9111 §4.2 case does not matter", "SUN, 06 nOV 1994 08:49:37 gmt", want},
		{"two-digit year ahead by 50 at most", "Sunday, 06-Nov-76 08:49:37 GMT", "2076-11-06T08:49:37Z"},
		{"two-digit year, further ahead is past", "Sunday, 06-Nov-77 08:49:37 GMT", "1977-11-06T08:49:37Z"},
		{"RFC 9110 §5.6.7 two-digit year ahead by 50 years to the second", "Tuesday, 24-Nov-76 09:00:00 GMT", "2076-11-24T09:00:00Z"},
		{"RFC 9110 §5.6.7 two-digit year ahead by a second more", "Tuesday, 24-Nov-76 09:00:01 GMT", "1976-11-24T09:00:01Z"},
		{"leap second", "Sun, 06 Nov 1994 08:49:60 GMT", "1994-11-06T08:49:59Z"},
		{"leap day", "Thu, 29 Feb 2024 00:00:00 GMT", "2024-02-29T00:00:00Z"},
		{"no leap day", "Wed, 29 Feb 2023 00:00:00 GMT", ""},
		{"RFC 9111 §4.2 another zone", "Sun, 06 Nov 1994 08:49:37 UTC", ""},
		{"an offset", "Sun, 06 Nov 1994 08:49:37 +0000", ""},
		{"no zone", "Sun, 06 Nov 1994 08:49:37", ""},
		{"two-digit year in IMF-fixdate", "Sun, 06 Nov 94 08:49:37 GMT", ""},
		{"no comma", "Sun 06 Nov 1994 08:49:37 GMT", ""},
		{"spaces", "Sun, 06  Nov  1994 08:49:37 GMT", ""},
		{"dashes", "Sun, 06-Nov-1994 08:49:37 GMT", ""},
		{"points", "Sun, 06 Nov 1994 08.49.37 GMT", ""},
		{"one-digit hour", "Sun, 06 Nov 1994 8:49:37 GMT", ""},
		{"one-digit day", "Sun, 6 Nov 1994 08:49:37 GMT", ""},
		{"hour 24", "Sun, 06 Nov 1994 24:00:00 GMT", ""},
		{"minute 60", "Sun, 06 Nov 1994 08:60:00 GMT", ""},
		{"day 0", "Sun, 00 Nov 1994 08:49:37 GMT", ""},
		{"day 31 of 30", "Sun, 31 Nov 1994 08:49:37 GMT", ""},
		{"no month", "Sun, 06 Nom 1994 08:49:37 GMT", ""},
		{"no weekday", "Son, 06 Nov 1994 08:49:37 GMT", ""},
		{"short weekday in rfc850-date", "Sun, 06-Nov-94 08:49:37 GMT", ""},
		{"sign", "Sun, 06 Nov +994 08:49:37 GMT", ""},
		{"0", "0", ""}, {"-1", "-1", ""}, {"nothing", "", ""}, {"RFC 3339", want, ""},
	} {
		got := ""
		if d, ok := httpfield.ParseDate(c.s, now); ok {
			got = d.Format(time.RFC3339)
		}
		if got != c.want {
			t.Errorf("%s: ParseDate(%q) = %q, want %q", c.rule, c.s, got, c.want)
		}
	}
}

func TestTags(t *testing.T) {
	for _, c := range []struct{ rule, lines, want string }{
		{"RFC 9110 §8.8.3 strong", `"a"`, `"a"`},
		{"RFC 9110 §8.8.3 weak", `W/"a"`, `W/"a"`},
		{"RFC 9110 §13.1.2 list", `"a", W/"b" ,"c"`, `"a" W/"b" "c"`},
		{"several lines", "\"a\"\n\"b\"", `"a" "b"`},
		{"comma and backslash belong to the tag", `"a,b\", "c"`, `"a,b\" "c"`},
		{"empty tag", `""`, `""`},
		{"obs-text", "\"\xfc\"", "\"\xfc\""},
		{"not quoted", `a, "b"`, ""},
		{"lower-case w", `w/"a"`, ""},
		{"no slash", `W"a"`, ""},
		{"space inside", `"a b"`, ""},
		{"open", `"a`, ""},
		{"no comma between", `"a" "b"`, ""},
		{"stops at the fault", `"a", b, "c"`, `"a"`},
		{"star", "*", ""},
	} {
		var got []string
		for tag := range httpfield.Tags(strings.Split(c.lines, "\n")) {
			got = append(got, tag.String())
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: Tags(%q) = %q, want %q", c.rule, c.lines, s, c.want)
		}
	}
}

// RFC 9110 §8.8.3.2 has this table.
func TestTagComparison(t *testing.T) {
	for _, c := range []struct {
		a, b         string
		strong, weak bool
	}{
		{`W/"1"`, `W/"1"`, false, true},
		{`W/"1"`, `W/"2"`, false, false},
		{`W/"1"`, `"1"`, false, true},
		{`"1"`, `"1"`, true, true},
		{"", "", false, false},
	} {
		a, _ := httpfield.ParseTag(c.a)
		b, _ := httpfield.ParseTag(c.b)
		if a.StrongMatch(b) != c.strong || a.WeakMatch(b) != c.weak || b.WeakMatch(a) != c.weak {
			t.Errorf("%s %s: strong %v, weak %v", c.a, c.b, a.StrongMatch(b), a.WeakMatch(b))
		}
	}
}

func TestTagOf(t *testing.T) {
	for lines, want := range map[string]string{
		`"a"`: `"a"`, "\"a\"\n\"a\"": `"a"`, "\"a\"\n\"b\"": "", `"a", "b"`: "", "a": "", "": "",
	} {
		tag, ok := httpfield.TagOf(strings.Split(lines, "\n"))
		if tag.String() != want || ok != (want != "") {
			t.Errorf("TagOf(%q) = %q, %v", lines, tag, ok)
		}
	}
}

func TestAcceptable(t *testing.T) {
	for _, c := range []struct {
		rule, accept string // accept "-": the field is absent
		yes, no      string
	}{
		{"RFC 9110 §12.5.3 absent: any", "-", "gzip br identity", ""},
		{"RFC 9110 §12.5.3 empty: none", "", "identity", "gzip br"},
		{"named", "gzip", "gzip x-gzip GZIP identity", "br"},
		{"old name", "x-gzip", "gzip", "br"},
		{"weights", "gzip;q=0.5, br; q=0.000, zstd;Q=1.000", "gzip zstd identity", "br"},
		{"star", "*", "gzip br identity", ""},
		{"star does not reach what is named", "*, gzip;q=0", "br identity", "gzip"},
		{"identity forbidden", "identity;q=0", "", "identity gzip"},
		{"star forbids identity", "*;q=0", "", "identity gzip"},
		{"identity named beside star", "identity, *;q=0", "identity", "gzip"},
		{"malformed weight", "gzip;q=x, br;q=1.5, zstd;q=-1, deflate;q=0.1234", "identity", "gzip br zstd deflate"},
		{"refused once", "gzip;q=0, gzip", "identity", "gzip"},
		{"several lines", "gzip\nbr", "gzip br", "zstd"},
	} {
		var lines []string
		if c.accept != "-" {
			lines = strings.Split(c.accept, "\n")
		}
		for _, coding := range strings.Fields(c.yes) {
			if !httpfield.Acceptable(coding, lines) {
				t.Errorf("%s: %q does not accept %s", c.rule, c.accept, coding)
			}
		}
		for _, coding := range strings.Fields(c.no) {
			if httpfield.Acceptable(coding, lines) {
				t.Errorf("%s: %q accepts %s", c.rule, c.accept, coding)
			}
		}
	}
	if !httpfield.Acceptable("", []string{""}) || httpfield.Acceptable("gzip, br", []string{"gzip"}) || !httpfield.Acceptable("gzip,br", []string{"gzip, br"}) {
		t.Error("no coding, or several")
	}
}

func TestVaryNames(t *testing.T) {
	for _, c := range []struct {
		lines, want string
		star        bool
	}{
		{"Accept-Language", "accept-language", false},
		{"B, a\nb,A", "a b", false},
		{", a,,", "a", false},
		{"", "", false},
		{"*", "", true}, {"*, *", "", true}, {"*\n*", "", true}, {", *", "", true}, {"\n*", "", true}, {"*, Foo", "", true}, {"Foo, *", "", true},
		{"a b", "", true}, {`"a"`, "", true}, {"a;q=1", "", true},
	} {
		lines := strings.Split(c.lines, "\n")
		names, star := httpfield.VaryNames(lines)
		if got := strings.Join(names, " "); got != c.want || star != c.star || httpfield.VaryAny(lines) != star {
			t.Errorf("VaryNames(%q) = %q, %v", c.lines, got, star)
		}
	}
}

func ExampleDirectives() {
	for ds := httpfield.NewDirectives([]string{`private, max-age="600"`}); ds.Next(); {
		v, ok := ds.Seconds()
		fmt.Println(ds.Name, v, ok)
	}
	// Output:
	// private 0s false
	// max-age 10m0s true
}

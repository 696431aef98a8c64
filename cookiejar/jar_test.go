package cookiejar_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/larder-go/larder/cookiejar"
	"github.com/larder-go/larder/secret"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// Scenarios in a small language: "URL < Set-Cookie line" receives, "URL > cookies" says what the Cookie field to the URL
// is, "+90s" lets time pass. {40*a} stands for forty letters a.
var scenarios = []struct{ name, steps string }{
	{"a host-only cookie stays with its host", `
		http://a.example/ < a=1
		http://a.example/x > a=1
		http://www.a.example/ >
		http://a.example:8080/ > a=1`},
	{"a domain cookie goes to subdomains", `
		http://www.a.example/ < a=1; Domain=a.example
		http://www.a.example/ < b=2; domain=.A.EXAMPLE
		http://a.example/ > a=1; b=2
		http://x.a.example/ > a=1; b=2
		http://xa.example/ >`},
	{"not one's own domain is refused", `
		http://a.example/ < a=1; Domain=b.example
		http://a.example/ < a=1; Domain=www.a.example
		http://a.example/ >
		http://b.example/ >`},
	{"public suffixes take none", `
		http://a.co.uk/ < a=1; Domain=co.uk
		http://a.github.io/ < a=1; Domain=github.io
		http://a.example/ < a=1; Domain=example
		http://a.co.uk/ >
		http://b.co.uk/ >
		http://github.io/ < s=1; Domain=github.io
		http://github.io/ > s=1
		http://a.github.io/ >`},
	{"addresses and this machine", `
		http://127.0.0.1:80/ < a=1; Domain=127.0.0.1
		http://127.0.0.1/ > a=1
		http://[::1]/ < b=1; Secure
		http://[::1]:9/ > b=1
		http://localhost/ < c=1; Secure; Domain=localhost
		http://localhost:1/ > c=1`},
	{"paths, longest first", `
		http://h.example/a/b < p=default
		http://h.example/ < p=root; Path=/
		http://h.example/ < p=deep; Path=/a/b/
		http://h.example/a > p=default; p=root
		http://h.example/a/b/c > p=deep; p=default; p=root
		http://h.example/ab > p=root`},
	{"Secure is neither sent nor replaced in clear", `
		https://h.example/ < s=1; Secure
		http://h.example/ >
		http://h.example/ < s=2
		https://h.example/ > s=1
		http://h.example/ < t=1; Secure
		https://h.example/ > s=1`},
	{"prefixes keep their promise", `
		https://h.example/ < __Host-a=1; Secure; Path=/
		https://h.example/ < __Host-b=1; Secure; Path=/; Domain=h.example
		https://h.example/ < __host-c=1; Secure
		https://h.example/ < __Secure-d=1
		https://h.example/ < =__Host-e=1; Secure; Path=/
		https://h.example/ > __Host-a=1`},
	{"Max-Age beats Expires, and zero deletes", `
		http://h.example/ < a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT
		http://h.example/ < b=1; max-age=9223372036854775807
		http://h.example/ < c=1; Max-Age=99999999999999999999
		http://h.example/ > a=1; b=1; c=1
		+61s
		http://h.example/ > b=1; c=1
		http://h.example/ < b=; Max-Age=0
		http://h.example/ < c=; Max-Age=-1
		http://h.example/ >`},
	{"dates as origins write them", `
		http://h.example/ < a=1; Expires=Fri, 02-Jan-2026 03:05:05 GMT
		http://h.example/ < b=1; expires=Fri Jan  2 03:05:05 2026
		http://h.example/ < c=1; Expires=02 jan 26 3:5:5 whatever
		http://h.example/ < d=1; Expires=Sun, 1-Jan-2098
		http://h.example/ < e=1; Expires=Thu, 31 Feb 2026 00:00:00 GMT
		http://h.example/ > a=1; b=1; c=1; d=1; e=1
		+61s
		http://h.example/ > d=1; e=1`},
	{"values as origins write them", `
		http://h.example/ < a="q u"; Path=/
		http://h.example/ < j={"k":"v, w"}
		http://h.example/ < u=grüß
		http://h.example/ < foo bar=1
		http://h.example/ <   sp  =  x  ; Path=/
		http://h.example/ < nameless
		http://h.example/ < eq=a=b
		http://h.example/ > a="q u"; j={"k":"v, w"}; u=grüß; foo bar=1; sp=x; nameless; eq=a=b`},
	{"what is too long or holds control characters is refused", `
		http://h.example/ < a={4096*x}
		http://h.example/ < b={4095*x}; Max-Age=0
		http://h.example/ < c={4000*x}; Path=/{1030*p}
		http://h.example/ >  c={4000*x}`},
	{"replacing keeps the place in the row", `
		http://h.example/ < a=1
		+1s
		http://h.example/ < b=1
		+1s
		http://h.example/ < a=2
		http://h.example/ > a=2; b=1`},
	{"a partitioned cookie needs Secure and stays with its site", `
		https://w.a.example/ < a=1; Partitioned
		https://w.a.example/ < b=1; Partitioned; Secure; Domain=a.example
		https://x.a.example/ > b=1`},
	{"international names and trailing dots", `
		http://bücher.example/ < a=1
		http://xn--bcher-kva.example/ > a=1
		http://xn--bcher-kva.example./ > a=1`},
	{"other schemes get none and set none", `
		http://h.example/ < a=1
		ftp://h.example/ >
		ftp://h.example/ < b=1
		http://h.example/ > a=1`},
	{"SameSite=None needs Secure", `
		https://h.example/ < a=1; SameSite=None
		https://h.example/ < b=1; samesite=none; secure
		https://h.example/ < c=1; SameSite=None; SameSite=odd
		https://h.example/ > b=1; c=1`},
	{"odd domains", `
		http://h.example/ < a=1; Domain=.
		http://h.example/ < b=1; Domain=h.example; Domain=
		http://x.h.example/ >
		http://h.example/ > a=1; b=1
		http://h.example/ < c=1; Domain=h.example:80
		http://h.example/ < d=1; Domain=..h.example
		http://xn--bcher-kva.example/ < e=1; Domain=bücher.example
		http://xn--bcher-kva.example/ >
		http://h.example/ > a=1; b=1`},
	{"addresses in spellings of resolvers have no parents", `
		http://0177.0.0.1/ < a=1; Domain=0.0.1
		http://1.0x7f/ < b=1; Domain=0x7f
		http://0177.0.0.1/ >
		http://1.0x7f/ >
		http://[0:0:0:0:0:0:0:1]/ < c=1; Domain=[::1]
		http://[::1]/ > c=1`},
	{"a deleted cookie protects no name", `
		https://h.example/ < s=1; Secure
		https://h.example/ < s=; Secure; Max-Age=0
		http://h.example/ < s=2
		http://h.example/ > s=2`},
	{"Secure protects subdomains and paths below, not above", `
		https://h.example/login/in < s=1; Secure; Domain=h.example; Path=/login
		http://x.h.example/login/ < s=2
		http://x.h.example/ < s=3; Path=/
		http://x.h.example/login/ > s=3`},
	{"what has expired begins anew", `
		http://h.example/ < a=1; Max-Age=10
		+1s
		http://h.example/ < b=1
		+10s
		http://h.example/ < a=2
		http://h.example/ > b=1; a=2`},
}

func TestScenarios(t *testing.T) {
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			j, now := cookiejar.New(nil), start
			for step := range strings.Lines(s.steps) {
				step = expand(strings.TrimRight(strings.TrimLeft(step, "\t"), "\n"))
				target, rest, _ := strings.Cut(step, " ")
				switch {
				case step == "":
				case step[0] == '+':
					d, err := time.ParseDuration(step[1:])
					if err != nil {
						t.Fatal(err)
					}
					now = now.Add(d)
				case rest[0] == '<':
					j.Receive(parsed(t, target), []string{strings.TrimPrefix(rest[1:], " ")}, now)
				default:
					want := strings.TrimSpace(rest[1:])
					if got := j.Header(parsed(t, target), now); got != want {
						t.Errorf("%s\n got  %.200s\n want %.200s", target, got, want)
					}
				}
			}
			held(t, j, now)
		})
	}
}

// held saves the jar's cookies and fills another jar with them: both say the same.
func held(t *testing.T, j *cookiejar.Jar, now time.Time) {
	t.Helper()
	var saved []cookiejar.Cookie
	for c := range j.All(now) {
		saved = append(saved, c)
	}
	again := cookiejar.New(nil)
	if err := again.Import(saved, now); err != nil {
		t.Fatal(err)
	}
	n := 0
	for c := range again.All(now) {
		if c != saved[n] {
			t.Errorf("imported %+v, want %+v", c, saved[n])
		}
		n++
	}
	if n != len(saved) {
		t.Errorf("imported %d cookies of %d", n, len(saved))
	}
}

func expand(s string) string {
	for {
		i := strings.IndexByte(s, '{')
		if i < 0 {
			return s
		}
		var n int
		var letter string
		if _, err := fmt.Sscanf(s[i:], "{%d*%1s}", &n, &letter); err != nil {
			return s
		}
		end := i + strings.IndexByte(s[i:], '}')
		s = s[:i] + strings.Repeat(letter, n) + s[end+1:]
	}
}

func parsed(t *testing.T, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestControlCharactersAreRefused(t *testing.T) {
	u := parsed(t, "http://h.example/")
	for _, line := range []string{"a=1\r\nX: y", "a=\x00", "a=1; Path=/\x7f", "a\n=1"} {
		j := cookiejar.New(nil)
		j.Receive(u, []string{line}, start)
		if got := j.Header(u, start); got != "" {
			t.Errorf("%q gives %q", line, got)
		}
	}
}

func TestStoredResponsesNeverUndo(t *testing.T) {
	u := parsed(t, "http://h.example/")
	old, later := start.Add(-time.Hour), start.Add(time.Minute)
	cold := cookiejar.New(nil)
	cold.ReceiveStored(u, []string{"sid=old"}, old, start)
	if got := cold.Header(u, start); got != "sid=old" {
		t.Errorf("a cold jar got %q from a stored response", got)
	}
	newer := cookiejar.New(nil)
	newer.Receive(u, []string{"sid=new"}, start)
	newer.ReceiveStored(u, []string{"sid=old"}, old, later)
	if got := newer.Header(u, later); got != "sid=new" {
		t.Errorf("a stored response overwrote a newer cookie: %q", got)
	}
	deleted := cookiejar.New(nil)
	deleted.Receive(u, []string{"sid=; Max-Age=0"}, start)
	deleted.ReceiveStored(u, []string{"sid=old"}, old, later)
	if got := deleted.Header(u, later); got != "" {
		t.Errorf("a stored response revived a deleted cookie: %q", got)
	}
	cleared := cookiejar.New(nil)
	cleared.Clear(start)
	cleared.ReceiveStored(u, []string{"sid=old"}, old, later)
	if got := cleared.Header(u, later); got != "" {
		t.Errorf("a stored response filled a cleared jar: %q", got)
	}
}

func TestLimits(t *testing.T) {
	j := cookiejar.New(nil)
	u := parsed(t, "http://h.example/")
	for i := range 500 {
		j.Receive(u, []string{fmt.Sprintf("c%03d=1", i)}, start.Add(time.Duration(i)*time.Second))
	}
	n := 0
	for c := range j.All(start.Add(time.Hour)) {
		if n++; c.Name < "c320" {
			t.Errorf("%s is still there", c.Name)
		}
	}
	if n != 180 {
		t.Errorf("%d cookies, want 180", n)
	}
}

func TestImportChecks(t *testing.T) {
	good := cookiejar.Cookie{Name: "a", Value: secret.New("p4ss"), Domain: "h.example", Path: "/"}
	for name, spoil := range map[string]func(*cookiejar.Cookie){
		"a dot in front":  func(c *cookiejar.Cookie) { c.Domain = ".h.example" },
		"no domain":       func(c *cookiejar.Cookie) { c.Domain = "" },
		"an idle port":    func(c *cookiejar.Cookie) { c.Domain = "h.example:80" },
		"no path":         func(c *cookiejar.Cookie) { c.Path = "" },
		"a line break":    func(c *cookiejar.Cookie) { c.Value = secret.New("p4ss\r\nX: y") },
		"a semicolon":     func(c *cookiejar.Cookie) { c.Value = secret.New("p4ss; b=2") },
		"a broken prefix": func(c *cookiejar.Cookie) { c.Name = "__Host-a" },
		"a SameSite":      func(c *cookiejar.Cookie) { c.SameSite = "lax" },
		"None in clear":   func(c *cookiejar.Cookie) { c.SameSite = "None" },
		"partition":       func(c *cookiejar.Cookie) { c.Partition = "https://h.example" },
		"a hidden prefix": func(c *cookiejar.Cookie) { c.Name, c.Value = "", secret.New("__Secure-p4ss=1") },
	} {
		c := good
		spoil(&c)
		err := cookiejar.New(nil).Import([]cookiejar.Cookie{good, c}, start)
		if err == nil || strings.Contains(err.Error(), "p4ss") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := cookiejar.New(nil).Import([]cookiejar.Cookie{good}, start); err != nil {
		t.Error(err)
	}
}

func FuzzReceive(f *testing.F) {
	for _, seed := range []string{"a=1", "a=1; Path=/; Expires=Fri, 02-Jan-2026 03:05:05 GMT", "=;;=", "__Host-x=1; Secure; Path=/", "\"a\"=\"b\"; Max-Age=-0", "a=b; Domain=.; Domain=h.example"} {
		f.Add(seed)
	}
	u, err := url.Parse("https://h.example/dir/page")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, line string) {
		j := cookiejar.New(nil)
		j.Receive(u, []string{line}, start)
		if h := j.Header(u, start); strings.ContainsAny(h, "\r\n\x00") {
			t.Errorf("%q gives the field %q", line, h)
		}
		held(t, j, start)
	})
}

package cookiejar

import (
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"
)

var _ http.CookieJar = (*Jar)(nil)

// SetCookies implements http.CookieJar.
func (j *Jar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	now := time.Now()
	lines := make([]line, 0, len(cookies))
	for _, c := range cookies {
		if c == nil {
			continue
		}
		if l, ok := lineOf(c, now); ok {
			lines = append(lines, l)
		}
	}
	j.receive(u, lines, now, now)
}

// Cookies implements http.CookieJar. Where a cookie has no name, or bytes that net/http does not send, Header has more.
func (j *Jar) Cookies(u *url.URL) []*http.Cookie {
	var out []*http.Cookie
	for _, c := range j.send(u, time.Now()) {
		value := c.Value.Reveal()
		quoted := len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"'
		if quoted {
			value = value[1 : len(value)-1]
		}
		out = append(out, &http.Cookie{Name: c.Name, Value: value, Quoted: quoted})
	}
	return out
}

// lineOf is what c says: its raw line where net/http read it from one and nobody has changed it since, because the line
// says more (dates that net/http does not know), else its fields.
func lineOf(c *http.Cookie, now time.Time) (line, bool) {
	if raw, err := http.ParseSetCookie(c.Raw); err == nil && reflect.DeepEqual(raw, c) {
		return parse(c.Raw, now)
	}
	value := c.Value
	if c.Quoted {
		value = `"` + value + `"`
	}
	if strings.ContainsAny(c.Name, "=;") || strings.Contains(value+c.Domain+c.Path, ";") {
		return line{}, false
	}
	var b strings.Builder
	b.WriteString(c.Name + "=" + value + "; Domain=" + c.Domain + "; Path=" + c.Path)
	switch {
	case c.MaxAge < 0:
		b.WriteString("; Max-Age=0")
	case c.MaxAge > 0:
		b.WriteString("; Max-Age=" + strconv.Itoa(c.MaxAge))
	case !c.Expires.IsZero():
		b.WriteString("; Expires=" + c.Expires.UTC().Format(http.TimeFormat))
	}
	switch c.SameSite {
	case http.SameSiteStrictMode:
		b.WriteString("; SameSite=Strict")
	case http.SameSiteLaxMode:
		b.WriteString("; SameSite=Lax")
	case http.SameSiteNoneMode:
		b.WriteString("; SameSite=None")
	}
	if c.Secure {
		b.WriteString("; Secure")
	}
	if c.HttpOnly {
		b.WriteString("; HttpOnly")
	}
	if c.Partitioned {
		b.WriteString("; Partitioned")
	}
	return parse(b.String(), now)
}

package larder

import (
	"net/url"
	"regexp"
)

// Rule gives Terms to the URLs that it matches. It names them by one of two patterns, which match the whole of the URL in the
// form in which it is a key: without fragment and userinfo, scheme and host in lower case.
type Rule struct {
	URL    string         // a glob: * stands for any text, ? for one character
	Regexp *regexp.Regexp // matches anywhere, unless it says ^ and $
	Terms  Terms
}

func (r *Rule) matches(url string) bool {
	if r.Regexp != nil {
		return r.Regexp.MatchString(url)
	}
	return globMatch(r.URL, url)
}

// termsFor are the terms of a request: its own, else those of the first rule that matches, else those of the options.
func (c *Cache) termsFor(own Terms, u *url.URL) Terms {
	if len(c.opts.Rules) > 0 {
		target := normalURL(u)
		for i := range c.opts.Rules {
			if r := &c.opts.Rules[i]; r.matches(target) {
				own = own.over(r.Terms)
				break
			}
		}
	}
	return own.over(c.opts.Terms)
}

// Package house holds the rules of the house as tests: which package may import which, what each may link, that each says
// what it is for, and that the documents say what is there.
package house

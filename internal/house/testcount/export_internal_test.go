package main

// Command is main, for the tests outside.
var Command = main

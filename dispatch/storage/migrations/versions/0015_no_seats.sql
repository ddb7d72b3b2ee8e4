-- contract after 0001: nothing has ever read it; only the demonstration wrote three rows
DROP TABLE seat;

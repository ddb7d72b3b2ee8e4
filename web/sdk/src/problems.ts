/** Problems as exceptions: every refusal of the server arrives here with its code and its way out. */
import type { Problem } from "./contract.ts";

export function isProblem(answer: unknown): answer is Problem {
  return typeof answer === "object" && answer !== null && "code" in answer && "way_out" in answer;
}

export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.name = "ProblemError";
    this.problem = problem;
  }
}

/** A problem of this page's own making, in the same form as the server's. */
export function localProblem(code: Problem["code"], message: string, wayOut: string): Problem {
  return { code, message, way_out: wayOut, fault: "system", retryable: true, expected_seq: null };
}

export const UNREACHABLE = localProblem(
  "unavailable",
  "The server cannot be reached.",
  "Check this computer's network; the page tries again by itself.",
);

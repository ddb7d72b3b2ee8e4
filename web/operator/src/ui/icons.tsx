/** Line icons on a 24 grid. */
const PATHS = {
  phone: "M5 4h4l1.5 5-2.2 1.6a12 12 0 0 0 5.1 5.1L15 13.5l5 1.5v4a1 1 0 0 1-1 1A15 15 0 0 1 4 5a1 1 0 0 1 1-1Z",
  hangUp: "M3.5 14.5c5-4.6 12-4.6 17 0l-2.2 2.6-3.6-1.6v-2.6c-1.8-.6-3.6-.6-5.4 0v2.6l-3.6 1.6-2.2-2.6Z",
  pause: "M9 5v14M15 5v14",
  play: "M7 5l11 7-11 7V5Z",
  callBack: "M9 8H4V3M4.3 8A9 9 0 1 1 3 12",
  flag: "M6 21V4h11l-2.5 4L17 12H6",
  check: "M5 12.5l4.5 4.5L19 7.5",
  close: "M6 6l12 12M18 6L6 18",
  pencil: "M4 20l.8-3.6L16.4 4.8a1.6 1.6 0 0 1 2.3 0l.5.5a1.6 1.6 0 0 1 0 2.3L7.6 19.2 4 20Z",
  sound: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5H4ZM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
  mute: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5H4ZM16 9.5l5 5M21 9.5l-5 5",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4",
  moon: "M20 14.2A8.2 8.2 0 0 1 9.8 4a8.2 8.2 0 1 0 10.2 10.2Z",
  keyboard: "M3 6.5h18v11H3v-11ZM7 10.5h.01M11 10.5h.01M15 10.5h.01M8 14h8",
  signOut: "M10 4H5v16h5M14 8l4 4-4 4M18 12H9",
  warning: "M12 4l9 16H3L12 4ZM12 10v4.5M12 17.2v.3",
  mic: "M12 3.5a2.8 2.8 0 0 0-2.8 2.8v5a2.8 2.8 0 0 0 5.6 0v-5A2.8 2.8 0 0 0 12 3.5ZM6 11a6 6 0 0 0 12 0M12 17v3.5",
  micOff: "M9.2 9v2.3a2.8 2.8 0 0 0 4.6 2.1M14.8 9.4V6.3a2.8 2.8 0 0 0-5.3-1.2M6 11a6 6 0 0 0 9.6 4.8M18 11a6 6 0 0 1-.5 2.4M12 17v3.5M4 4l16 16",
  pin: "M12 21s6.5-6.1 6.5-11a6.5 6.5 0 1 0-13 0c0 4.9 6.5 11 6.5 11ZM12 7.8a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.6Z",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 7.5V12l3 2",
  down: "M6 9.5l6 6 6-6",
  link: "M4 12h13M12.5 7l5 5-5 5",
  metronome: "M9 3.5h6L18 20H6L9 3.5ZM12 15l5.5-8.5M7 16h10",
  broken: "M4 9.5a12 12 0 0 1 6-3M20 9.5a12 12 0 0 0-4-2.4M7 13.2a7.5 7.5 0 0 1 3-1.6M12 18h.01M4 4l16 16",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, className }: { name: IconName; className?: string }) {
  return (
    <svg
      viewBox="0 0 24 24"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      className={className ?? "size-4 shrink-0"}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

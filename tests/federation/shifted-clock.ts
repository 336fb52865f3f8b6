// Loaded before a program (`node --import`): its clock is off by the hours of SHIFTED_HOURS, as one that was set by hand.
const shiftMs = Number(process.env['SHIFTED_HOURS']) * 3_600_000;
const trueNow = Date.now.bind(Date);

globalThis.Date = new Proxy(Date, {
  construct: (target, given, asked) =>
    Reflect.construct(target, given.length === 0 ? [trueNow() + shiftMs] : given, asked),
  get: (target, name, receiver) => (name === 'now' ? () => trueNow() + shiftMs : Reflect.get(target, name, receiver)),
});
